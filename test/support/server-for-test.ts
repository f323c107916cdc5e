import { onTestFinished } from 'vitest';

import { type NatsServer, type NatsServerOptions, startNatsServer } from '../../libs/testing/index.js';

/** Starts a server that ends with the test. */
export async function serverForTest(options?: NatsServerOptions): Promise<NatsServer> {
  const server = await startNatsServer(options);
  onTestFinished(() => server.stop());
  return server;
}
