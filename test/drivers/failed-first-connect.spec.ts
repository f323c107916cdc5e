import { describe, expect, it } from 'vitest';

import { freePort } from '../../libs/testing/free-port.js';
import { DRIVERS } from './drivers.js';
import { Peer } from './peer.js';
import { serverForTest, users } from './servers.js';

describe.each(DRIVERS)('$label', (tested) => {
  it.each<[string, RegExp]>([
    ['the password is wrong', /Authorization Violation/],
    ['the provider fails', /IAM is down/],
    ['nobody listens at the address', /ECONNREFUSED 127\.0\.0\.1:\d+/],
    ['the name has no address', /ENOTFOUND no-such-host\.invalid/],
    ['the server offers no TLS', /offers no TLS/],
  ])(
    'a first connect that fails because %s says so in its rejection and in the event `closed`',
    async (why, cause) => {
      const server = await serverForTest({ config: users({ svc: 'secret' }) });
      const address: Record<string, string> = {
        'nobody listens at the address': `127.0.0.1:${await freePort()}`,
        'the name has no address': 'no-such-host.invalid:4222',
        'the server offers no TLS': server.url.replace('nats:', 'tls:'),
      };
      const peer = new Peer(tested, {
        provide: () => {
          if (why === 'the provider fails') throw new Error('IAM is down');
          return { user: 'svc', pass: why === 'the password is wrong' ? 'wrong' : 'secret' };
        },
        options: { servers: address[why] ?? server.url },
        refresh: { retry: { maxAttempts: 1 } },
        rejection: { maxOnConnect: 1 },
      });
      const error = await peer.open().then(
        () => new Error('it connected'),
        (thrown: unknown) => thrown as Error,
      );
      expect(chain(error)).toMatch(cause);
      expect(peer.all('closed').map((event) => event.error)).toEqual([error]);
    },
  );
});

/** What an application sees that follows `cause` alone. */
function chain(error: unknown): string {
  return error instanceof Error ? `${error.message}; ${chain(error.cause)}` : '';
}
