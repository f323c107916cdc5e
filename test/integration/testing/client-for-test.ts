import { connect, type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';
import { onTestFinished } from 'vitest';

/** A plain client that closes with the test. */
export async function clientForTest(
  server: { url: string },
  options: ConnectionOptions = {},
): Promise<NatsConnection> {
  const connection = await connect({ servers: server.url, reconnectTimeWait: 20, ...options });
  onTestFinished(() => connection.close());
  return connection;
}
