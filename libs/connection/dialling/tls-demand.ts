import type { ConnectionOptions } from '../options.js';

/**
 * The options with `tls` wherever TLS is asked for: by that option, or by one server whose address begins with `tls://`. nats.js drops
 * the scheme of an address, and servers that the cluster tells of have none: what one server demands holds for all.
 */
export function withDemandedTls<T extends Pick<ConnectionOptions, 'servers' | 'tls'>>(options: T): T {
  const demanded = !options.tls && [options.servers ?? []].flat().some(namesTls);
  return demanded ? { ...options, tls: {} } : options;
}

/** Whether the address of a server demands TLS. */
export function namesTls(server: string): boolean {
  return /^\s*tls:\/\//i.test(server);
}
