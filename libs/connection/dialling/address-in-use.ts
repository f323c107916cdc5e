import { isIP } from 'node:net';

import type { ServerInternals } from '../drivers/internals.js';

/** The address that a connection uses. */
export interface AddressInUse {
  /** The server of the pool whose name led to this address. */
  readonly server: string;
  /** The `host:port` to which that name resolved. */
  readonly address: string;
}

type LookUp = (name: string) => Promise<readonly string[]>;

/**
 * The addresses of the server in use, with the address in use first or last among them, as long as the name still resolves
 * to it: the DNS knows best whether it is current.
 * @param addresses turns the result of a look-up into addresses of the server.
 */
export async function besideAddressInUse(
  inUse: AddressInUse & { readonly place: 'first' | 'last' },
  addresses: (lookUp: LookUp) => Promise<readonly ServerInternals[]>,
  lookUp: LookUp,
): Promise<readonly ServerInternals[]> {
  let found: readonly ServerInternals[];
  try {
    found = await addresses(lookUp);
  } catch (error) {
    const last = await asItWas(inUse, addresses);
    if (last.length === 0) throw error;
    return last;
  }
  // Releases of nats.js before 3.4 return the name itself when they cannot resolve it.
  if (found.every((one) => isIP(hostOf(one.toString())) === 0))
    return [...found, ...(await asItWas(inUse, addresses))];
  const isInUse = (one: ServerInternals) => one.toString() === inUse.address;
  const [same, others] = [found.filter(isInUse), found.filter((one) => !isInUse(one))];
  return inUse.place === 'first' ? [...same, ...others] : [...others, ...same];
}

/** The address in use, for when the DNS does not answer: it is as good as it was. */
async function asItWas(
  { address, place }: AddressInUse & { readonly place: 'first' | 'last' },
  addresses: (lookUp: LookUp) => Promise<readonly ServerInternals[]>,
): Promise<readonly ServerInternals[]> {
  const host = hostOf(address);
  if (place === 'last' || isIP(host) === 0) return [];
  return addresses(() => Promise.resolve([host]));
}

function hostOf(address: string): string {
  return address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}
