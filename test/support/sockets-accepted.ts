import type { NatsServer } from '../../libs/testing/index.js';

/**
 * How many clients the server has accepted since it started. Unlike its list of connections, which loses a client a
 * moment after that client is told, this never goes down: it tells for certain that nobody has dialled.
 */
export async function socketsAccepted(server: NatsServer): Promise<number> {
  const response = await fetch(`${server.monitorUrl}/varz`);
  return ((await response.json()) as { total_connections: number }).total_connections;
}
