import { describe, expect, it, onTestFinished } from 'vitest';

import { SuspectedRejectionError } from '../../libs/connection/index.js';
import { startAuthCallout } from '../support/auth-callout.js';
import { startFaultProxy } from '../support/fault-proxy.js';
import { createOperatorMode, credentialsOf } from '../support/operator-mode.js';
import { DRIVERS } from './drivers.js';
import { Peer, roundTrip } from './peer.js';
import { RELEASE, serverForTest, users } from './servers.js';

describe.each(DRIVERS)('$label, whose connection is closed without a word', (tested) => {
  const start = async (options: object = {}) => {
    const server = await serverForTest({ config: users({ svc: 'secret' }) });
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    const peer = new Peer(tested, {
      provide: () => ({ user: 'svc', pass: 'secret', expiresAt: Date.now() + 600_000 }),
      options: { servers: proxy.url, timeout: 60_000, reconnectTimeWait: 20, ...options },
      rejection: { maxOnConnect: 3 },
      refresh: { reuse: 1_000 },
    });
    return { proxy, peer };
  };

  describe.each(['end', 'reset'] as const)('(%s) when it has shown its credentials,', (how) => {
    it('tries as often as after a rejection, and says that it may be one and may not', async () => {
      const { proxy, peer } = await start();
      proxy.treat({ breaks: { at: 'connect', how } });
      const error: unknown = await peer.open().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SuspectedRejectionError);
      expect(error).toMatchObject({ code: 'CONNECT_REFUSED', serverMessage: undefined });
      expect((error as Error).message).toMatch(/network.*or the server rejected the credentials/);
      expect(peer.all('connectFailed')).toHaveLength(3);
      expect(peer.all('rejected')).toEqual([]);
      // The cache of an identity service may be what was bad, but nobody has said so.
      expect(peer.requests.map(({ reason }) => reason)).toEqual(['connect', 'connect', 'connect']);
      expect(peer.requests[1]?.previousError).toBeInstanceOf(SuspectedRejectionError);
    });

    it('goes on under waitOnFirstConnect, and tells each time', async () => {
      const { proxy, peer } = await start({ waitOnFirstConnect: true });
      proxy.treat({ breaks: { at: 'connect', how } });
      const opening = peer.open();
      await peer.until('connectFailed', 5);
      proxy.heal();
      await roundTrip(await opening);
      expect(peer.all('rejected')).toEqual([]);
    });

    it('takes them out of reuse after a loss, and comes back', async () => {
      const { proxy, peer } = await start();
      const nc = await peer.open();
      proxy.treat({ breaks: { at: 'connect', how } });
      proxy.breakOpen('reset');
      await peer.until('connectFailed', 3);
      // The first dial reuses what it had, as the option says.
      expect(peer.requests.length).toBeGreaterThanOrEqual(3);
      expect(peer.requests.at(-1)?.reason).toBe('reconnect');
      proxy.heal();
      await peer.until('connected', 2);
      await roundTrip(nc);
      expect(peer.all('rejected')).toEqual([]);
    });
  });

  it('suspects nobody when it has not shown them yet', async () => {
    const { proxy, peer } = await start();
    proxy.treat({ breaks: { at: 'accept', how: 'end' } });
    const error: unknown = await peer.open().catch((thrown: unknown) => thrown);
    expect(error).not.toBeInstanceOf(SuspectedRejectionError);
    expect(peer.requests).toHaveLength(1);
  });

  // Auth callout came with 2.10.
  it.skipIf(RELEASE === 'oldest')(
    'by an auth callout that is silent counts that, and comes in later',
    async () => {
      const operator = await createOperatorMode();
      const [service, sentinel] = [
        await operator.mintUser({ name: 'callout' }),
        await operator.mintSentinel(),
      ];
      operator.useAuthCallout({ authUsers: [service.publicKey] });
      const server = await serverForTest({
        config: `authorization { timeout: 0.2 }\n${await operator.config()}`,
      });
      const tokens: string[] = [];
      const options = {
        provide: () => {
          tokens.push(`token-${tokens.length}`);
          return { token: tokens.at(-1) ?? '', expiresAt: Date.now() + 600_000 };
        },
        sentinel: { jwt: sentinel.jwt },
        refresh: { reuse: 1_000 },
      };
      const dialling = { servers: server.url, reconnectTimeWait: 20 };
      const failing = new Peer(tested, { ...options, options: dialling, rejection: { maxOnConnect: 2 } });
      // nats-server 2.15 says that it rejects.
      await expect(failing.open()).rejects.toMatchObject({
        code: expect.stringMatching(/^(CONNECT_REFUSED|REJECTED)$/) as string,
      });
      expect(tokens).toHaveLength(2);
      const waiting = new Peer(tested, {
        ...options,
        options: { ...dialling, waitOnFirstConnect: true },
        rejection: { maxOnConnect: Infinity },
      });
      const opening = waiting.open();
      await waiting.until(RELEASE === 'newest' ? 'rejected' : 'connectFailed', 1);
      const callout = await startAuthCallout(server, {
        credentials: { authenticator: credentialsOf(service) },
        issuerSeed: operator.accountSeed,
        decide: () => ({ allow: { account: operator.account, name: 'svc' } }),
      });
      onTestFinished(() => callout.stop());
      await opening;
    },
  );
});
