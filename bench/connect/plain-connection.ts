import { connect, type NatsConnection } from '@nats-io/transport-node';

import { PACE, type Tls } from './our-connections.js';

/** A nats.js connection with a password that never changes. */
export function plainConnection(url: string, tls?: Tls): Promise<NatsConnection> {
  return connect({ servers: url, user: 'bench', pass: 'bench', tls, ...PACE });
}

/** Calls `reconnected` each time that the connection is there again. */
export async function onReconnect(connection: NatsConnection, reconnected: () => void): Promise<void> {
  for await (const { type } of connection.status()) if (type === 'reconnect') reconnected();
}
