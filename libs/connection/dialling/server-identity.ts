import type { InfoInternals } from '../drivers/internals.js';

/**
 * The identity of a server. Several servers may share one address, behind a load balancer, and the same address may lead to
 * another server after a restart; so servers are compared by their id.
 */
export interface ServerIdentity {
  /** The id that a server keeps from its start to its end. */
  readonly serverId?: string;
  /** The name in the server's configuration, or its id. */
  readonly serverName?: string;
}

/** @param quote removes secrets: the peer at an address may repeat what it received before. */
export function identityOf(info: InfoInternals | undefined, quote: (said: string) => string): ServerIdentity {
  const tellable = (said: unknown) =>
    typeof said === 'string' && /^\S{1,128}$/.test(said) ? quote(said) : undefined;
  return { serverId: tellable(info?.server_id), serverName: tellable(info?.server_name) };
}

/** Whether both are known to be the same server. */
export function isSameServer(one: ServerIdentity, other: ServerIdentity): boolean {
  return one.serverId !== undefined && one.serverId === other.serverId;
}
