import { onTestFinished } from 'vitest';

import { type NatsServer, type NatsServerOptions, startNatsServer } from '../../libs/testing/index.js';

/** Starts a server that ends with the test. */
export async function serverForTest(options: NatsServerOptions = {}): Promise<NatsServer> {
  const server = await startNatsServer(options);
  onTestFinished(() => server.stop());
  return server;
}

/** Server configuration with these users and passwords. */
export function users(passwords: Record<string, string>): string {
  const entries = Object.entries(passwords).map(([user, pass]) => `{ user: "${user}", password: "${pass}" }`);
  return `authorization { users: [ ${entries.join(', ')} ] }\n`;
}
