import { onTestFinished } from 'vitest';

import {
  type NatsServer,
  type NatsServerOptions,
  type NatsServerRelease,
  startNatsServer,
} from '../../libs/testing/index.js';

/** Which nats-server the contract is tested on: `NATS_RELEASE=oldest|newest`, else the default. */
export const RELEASE = (process.env['NATS_RELEASE'] ?? 'default') as NatsServerRelease;

/** Starts a server that ends with the test. */
export async function serverForTest(options: NatsServerOptions = {}): Promise<NatsServer> {
  const server = await startNatsServer({ release: RELEASE, ...options });
  onTestFinished(() => server.stop());
  return server;
}

/** Server configuration with these users and passwords. */
export function users(passwords: Record<string, string>): string {
  const entries = Object.entries(passwords).map(([user, pass]) => `{ user: "${user}", password: "${pass}" }`);
  return `authorization { users: [ ${entries.join(', ')} ] }\n`;
}
