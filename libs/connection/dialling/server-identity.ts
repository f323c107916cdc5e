import type { InfoInternals } from '../drivers/internals.js';

/**
 * Which server it is. Several may share one address, behind a load balancer, and the same address leads to another one after
 * a restart; so servers are compared by their id.
 */
export interface ServerIdentity {
  /** The id that a server has from its start to its end. */
  readonly serverId?: string;
  /** The name in its configuration, or its id. */
  readonly serverName?: string;
}

/** @param quote takes secrets out: whoever answers at an address may say what it was shown before. */
export function identityOf(info: InfoInternals | undefined, quote: (said: string) => string): ServerIdentity {
  const tellable = (said: unknown) =>
    typeof said === 'string' && /^\S{1,128}$/.test(said) ? quote(said) : undefined;
  return { serverId: tellable(info?.server_id), serverName: tellable(info?.server_name) };
}

/** Whether both are known to be the same server. */
export function isSameServer(one: ServerIdentity, other: ServerIdentity): boolean {
  return one.serverId !== undefined && one.serverId === other.serverId;
}
