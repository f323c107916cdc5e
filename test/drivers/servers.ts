import type { NatsServer, NatsServerOptions, NatsServerRelease } from '../../libs/testing/index.js';
import { serverForTest as anyServerForTest } from '../support/server-for-test.js';

/** Which nats-server the contract is tested on: `NATS_RELEASE=oldest|newest`, else the default. */
export const RELEASE = (process.env['NATS_RELEASE'] ?? 'default') as NatsServerRelease;

/** Starts a server of that release that ends with the test. */
export function serverForTest(options: NatsServerOptions = {}): Promise<NatsServer> {
  return anyServerForTest({ release: RELEASE, ...options });
}

/** Server configuration with these users and passwords. */
export function users(passwords: Record<string, string>): string {
  const entries = Object.entries(passwords).map(([user, pass]) => `{ user: "${user}", password: "${pass}" }`);
  return `authorization { users: [ ${entries.join(', ')} ] }\n`;
}
