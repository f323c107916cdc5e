import { parseServerAddress } from './server-address.js';

/**
 * Rewrites the cluster's servers in an INFO (`connect_urls`) as nats.js names them: nats.js fails at one that it cannot
 * parse, and takes one that is written differently for a new server each time that it is announced. Servers that cannot be
 * dialled are left out.
 */
export function withReadableServers(info: Uint8Array): Uint8Array {
  let said: { connect_urls?: unknown } | null;
  try {
    said = JSON.parse(new TextDecoder().decode(info)) as typeof said;
  } catch {
    return info;
  }
  const told = said?.connect_urls;
  if (told === undefined || told === null) return info;
  const readable = Array.isArray(told) ? told.flatMap(readableAddress) : [];
  if (Array.isArray(told) && told.every((address, index) => address === readable[index])) return info;
  return new TextEncoder().encode(JSON.stringify({ ...said, connect_urls: readable }));
}

function readableAddress(told: unknown): string[] {
  const address = typeof told === 'string' ? parseServerAddress(told) : undefined;
  return address && 'hostPort' in address ? [address.hostPort] : [];
}
