import { connect, type ConnectionOptions, type NatsConnection } from '@nats-io/transport-node';
import { onTestFinished } from 'vitest';

import { type NatsServer, type NatsServerOptions, startNatsServer } from '../../../libs/testing/index.js';

/** Starts a server that ends with the test. */
export async function serverForTest(options?: NatsServerOptions): Promise<NatsServer> {
  const server = await startNatsServer(options);
  onTestFinished(() => server.stop());
  return server;
}

/** A plain client that closes with the test. */
export async function clientForTest(
  server: { url: string },
  options: ConnectionOptions = {},
): Promise<NatsConnection> {
  const connection = await connect({ servers: server.url, reconnectTimeWait: 20, ...options });
  onTestFinished(() => connection.close());
  return connection;
}
