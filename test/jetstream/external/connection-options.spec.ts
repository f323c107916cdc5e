import { fromSeed } from '@nats-io/nkeys';
import { describe, expect, it } from 'vitest';

import type { UserInfo } from '../../../libs/credentials/index.js';
import { eventually } from '../../../libs/testing/index.js';
import { createNkeyUser, nkeyConfig } from '../../support/nkey-mode.js';
import { createOperatorMode, type OperatorMode } from '../../support/operator-mode.js';
import { DRIVERS, type PlainConnection, type TestedDriver } from '../../drivers/drivers.js';
import { ExternalPeer, tally } from './external-peer.js';
import { roundTrip } from '../../drivers/peer.js';
import { serverForTest, users } from '../../drivers/servers.js';

const signer = (seed: string) => (nonce: Uint8Array) => fromSeed(new TextEncoder().encode(seed)).sign(nonce);
const minted = (operator: OperatorMode, expiresInMs: number) => async () => {
  const { creds } = await operator.mintUser({ expiresInMs });
  return { creds };
};

describe('connect() of each driver with connectionOptions()', () => {
  // Side by side, as they wait most of the time.
  it('comes back at each expiry, as no fixed credentials do', async () => {
    const operator = await createOperatorMode();
    const server = await serverForTest({ config: await operator.config() });
    const options = { servers: server.url };
    const survives = async (tested: TestedDriver) => {
      const peer = new ExternalPeer(tested, { provide: minted(operator, 2_000), options });
      const nc = await peer.connect(await peer.connectOptions());
      const { creds } = peer.source.current?.reveal() ?? {};
      const fixed = new ExternalPeer(tested, {
        provide: () => ({ creds }),
        options,
        refresh: { ahead: false },
      });
      const dead = await fixed.connect(await fixed.connectOptions());
      const told = tally(nc);
      await eventually(() => (told['reconnect'] ?? 0) >= 3, { what: 'three expiries', timeoutMs: 30_000 });
      await roundTrip(nc, `fresh.${tested.label}`);
      await expect(roundTrip(dead, `fixed.${tested.label}`, 500)).rejects.toThrow();
      // What was presented was never rejected.
      expect(told['reconnecting']).toBe(told['reconnect']);
    };
    await Promise.all(DRIVERS.map(survives));
  });

  it('reconnects before each expiry when it is followed, so that the server never ends it', async () => {
    const operator = await createOperatorMode();
    const server = await serverForTest({ config: await operator.config() });
    const survives = async (tested: TestedDriver) => {
      const peer = new ExternalPeer(tested, {
        provide: minted(operator, 4_000),
        options: { servers: server.url },
        // Time enough, also for a machine that is busy.
        refresh: { ahead: { fraction: 0.4 } },
      });
      const options = await peer.connectOptions();
      const nc = await peer.connect(options);
      const told = tally(nc);
      peer.follow(nc, options);
      await eventually(() => (told['reconnect'] ?? 0) >= 3, { what: 'three renewals', timeoutMs: 30_000 });
      await roundTrip(nc, `followed.${tested.label}`);
      expect(told['error']).toBeUndefined();
      await nc.close();
      const calls = peer.requests.length;
      const hasExpired = () => (peer.source.current?.remaining(Date.now()) ?? 0) < 0;
      await eventually(hasExpired, { what: 'an expiry with nobody left to refresh for' });
      expect(peer.requests).toHaveLength(calls);
    };
    await Promise.all(DRIVERS.map(survives));
  });
});

describe.each(DRIVERS)('connect() of $label with connectionOptions()', (tested) => {
  it('presents .creds, a JWT and its seed, and a JWT and a signer', async () => {
    const operator = await createOperatorMode();
    const server = await serverForTest({ config: await operator.config() });
    const { creds, jwt, seed } = await operator.mintUser();
    await accepted(server.url, { creds });
    await accepted(server.url, { jwt, seed });
    await accepted(server.url, { jwt, sign: signer(seed) });
  });

  it('presents a user name and a password, a token, and an NKey', async () => {
    const user = createNkeyUser();
    const withPassword = await serverForTest({ config: users({ svc: 'secret' }) });
    const withToken = await serverForTest({ config: 'authorization { token: "secret" }\n' });
    const withNkey = await serverForTest({ config: nkeyConfig([user]) });
    await accepted(withPassword.url, { user: 'svc', pass: 'secret' });
    await accepted(withToken.url, { token: 'secret' });
    await accepted(withNkey.url, { seed: user.seed });
    await accepted(withNkey.url, { nkey: user.publicKey, sign: signer(user.seed) });
  });

  it('comes back after the password was changed, with nobody who follows it', async () => {
    const { peer, nc, changePassword } = await withPasswords();
    await changePassword('second');
    await isBack(nc);
    expect(peer.requests.map(({ reason }) => reason)).toEqual(['connect', 'reconnect']);
  });

  it('gets past a cache of the provider once the same was rejected again', async () => {
    let cached: UserInfo | undefined;
    const { peer, nc, changePassword } = await withPasswords(({ reason }, newest) =>
      reason === 'rejected' || !cached ? (cached = newest) : cached,
    );
    await changePassword('second');
    await isBack(nc);
    expect(peer.requests.at(-1)).toMatchObject({ reason: 'rejected' });
  });

  it('takes what was rejected out of use at once when it is followed', async () => {
    const { peer, nc, options, changePassword } = await withPasswords();
    peer.follow(nc, options);
    await changePassword('second');
    await isBack(nc);
    expect(peer.requests.map(({ reason }) => reason)).toEqual(['connect', 'rejected']);
  });

  it('goes on dialling while the signer fails, and comes back with it', async () => {
    const user = createNkeyUser();
    const server = await serverForTest({ config: nkeyConfig([user]) });
    let fails = false;
    const sign = (nonce: Uint8Array) => {
      if (fails) throw new Error('The HSM is locked.');
      return signer(user.seed)(nonce);
    };
    const peer = new ExternalPeer(tested, {
      provide: () => ({ nkey: user.publicKey, sign }),
      options: { servers: server.url },
    });
    const nc = await peer.connect(await peer.connectOptions());
    const told = tally(nc);
    fails = true;
    await server.restart();
    await eventually(() => (told['error'] ?? 0) >= 3, { what: 'rejections' });
    fails = false;
    await isBack(nc);
  });

  /** A request that goes out between two dials is lost. */
  async function isBack(nc: PlainConnection): Promise<void> {
    const answered = () => roundTrip(nc, undefined, 500).then(() => true);
    await eventually(answered, { what: 'a connection', timeoutMs: 20_000 });
  }

  async function accepted(servers: string, userInfo: UserInfo): Promise<void> {
    const peer = new ExternalPeer(tested, { provide: () => userInfo, options: { servers } });
    await roundTrip(await peer.connect(await peer.connectOptions()));
  }

  /** A connection of the only user of a server. */
  async function withPasswords(
    provide: (request: { reason: string }, newest: UserInfo) => UserInfo = (_, newest) => newest,
  ) {
    const server = await serverForTest({ config: users({ svc: 'first' }) });
    let newest: UserInfo = { user: 'svc', pass: 'first' };
    const peer = new ExternalPeer(tested, {
      provide: (request) => provide(request, newest),
      options: { servers: server.url },
    });
    const options = await peer.connectOptions();
    const nc = await peer.connect(options);
    const changePassword = async (pass: string) => {
      newest = { user: 'svc', pass };
      await server.reload(users({ svc: pass }));
    };
    return { peer, nc, options, changePassword };
  }
});
