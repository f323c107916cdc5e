import { parseServerAddress } from './server-address.js';

/**
 * An INFO whose servers of the cluster (`connect_urls`) are as nats.js names them: it fails at one that it cannot read, and takes one that is
 * written otherwise for another server each time it hears of it. What cannot be dialled is left out.
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
