import type { ServerInternals } from '../drivers/internals.js';

/**
 * Dials the addresses of one server until one accepts. A failed dial may have taken long, and the DNS may have a new address
 * by then if the server was moved: so the name is looked up again before each address, and an address that is no longer
 * listed is not dialled.
 * @param dial `more`: whether other known addresses have not been dialled yet.
 * @throws the error of the last address, or of the look-up.
 */
export async function dialAddresses(
  lookUp: () => Promise<readonly ServerInternals[]>,
  dial: (address: ServerInternals, more: boolean) => Promise<void>,
): Promise<void> {
  const failed = new Set<string>();
  const untried = (addresses: readonly ServerInternals[]) =>
    addresses.filter((address) => !failed.has(address.toString()));
  let addresses = await lookUp();
  for (;;) {
    const [address, ...others] = addresses;
    if (!address) throw new Error('The name of the server has no address.');
    try {
      return await dial(address, others.length > 0);
    } catch (error) {
      failed.add(address.toString());
      if (others.length > 0) addresses = untried(await lookUp().catch(() => others));
      if (others.length === 0 || addresses.length === 0) throw error;
    }
  }
}
