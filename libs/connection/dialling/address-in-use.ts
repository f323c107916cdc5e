import { isIP } from 'node:net';

import type { ServerInternals } from '../drivers/internals.js';

/** The address that a connection uses. */
export interface AddressInUse {
  /** The server of the pool by whose name it was found. */
  readonly server: string;
  /** `host:port`, where that name led. */
  readonly address: string;
}

type LookUp = (name: string) => Promise<readonly string[]>;

/**
 * The addresses of the server that the one in use was found by, with that one before the others or behind them for as long as the name leads
 * there: the name service knows best what became of it.
 * @param addresses makes addresses of what the name service says of the server.
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
  // nats.js gives the name itself in place of what it could not find out, as releases before 3.4 do.
  if (found.every((one) => isIP(hostOf(one.toString())) === 0))
    return [...found, ...(await asItWas(inUse, addresses))];
  const isInUse = (one: ServerInternals) => one.toString() === inUse.address;
  const [same, others] = [found.filter(isInUse), found.filter((one) => !isInUse(one))];
  return inUse.place === 'first' ? [...same, ...others] : [...others, ...same];
}

/** Where the name service does not answer, the address in use is as good as it was. */
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
