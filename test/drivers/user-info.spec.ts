import { createUser, fromSeed } from '@nats-io/nkeys';
import { describe, expect, it } from 'vitest';

import { RejectedError } from '../../libs/connection/index.js';
import type { UserInfo } from '../../libs/credentials/index.js';
import { eventually } from '../../libs/testing/index.js';
import { authCalloutConfig, startAuthCallout } from '../support/auth-callout.js';
import { createNkeyUser, nkeyConfig } from '../support/nkey-mode.js';
import { createOperatorMode, credentialsOf, type MintedUser } from '../support/operator-mode.js';
import { socketsAccepted } from '../support/sockets-accepted.js';
import { DRIVERS } from './drivers.js';
import { Peer, roundTrip } from './peer.js';
import { RELEASE, serverForTest, users } from './servers.js';

const signer = (seed: string) => (nonce: Uint8Array) => fromSeed(new TextEncoder().encode(seed)).sign(nonce);

describe.each(DRIVERS)('$label', (tested) => {
  it('presents a user name and a password', async () => {
    const server = await serverForTest({ config: users({ svc: 'secret' }) });
    await accepted(server.url, { user: 'svc', pass: 'secret' });
  });

  it('presents a token', async () => {
    const server = await serverForTest({ config: 'authorization { token: "secret" }\n' });
    await accepted(server.url, { token: 'secret' });
  });

  it.each<[string, (user: MintedUser) => UserInfo]>([
    ['.creds as text', ({ creds }) => ({ creds })],
    ['.creds as bytes', ({ creds }) => ({ creds: new TextEncoder().encode(creds) })],
    ['a JWT and its seed', ({ jwt, seed }) => ({ jwt, seed })],
    ['a JWT and a signer', ({ jwt, seed }) => ({ jwt, sign: signer(seed) })],
    [
      'a JWT and an asynchronous signer',
      ({ jwt, seed }) => ({ jwt, sign: async (nonce) => Promise.resolve(signer(seed)(nonce)) }),
    ],
  ])('presents %s', async (_name, userInfo) => {
    const operator = await createOperatorMode();
    const server = await serverForTest({ config: await operator.config() });
    await accepted(server.url, userInfo(await operator.mintUser()));
  });

  it.each<[string, (seed: string, nkey: string) => UserInfo]>([
    ['an NKey seed', (seed) => ({ seed })],
    ['an NKey and a signer', (seed, nkey) => ({ nkey, sign: signer(seed) })],
    [
      'an NKey and an asynchronous signer',
      (seed, nkey) => ({ nkey, sign: async (nonce) => Promise.resolve(signer(seed)(nonce)) }),
    ],
  ])('presents %s', async (_name, userInfo) => {
    const user = createNkeyUser();
    const server = await serverForTest({ config: nkeyConfig([user]) });
    await accepted(server.url, userInfo(user.seed, user.publicKey));
  });

  it.skipIf(RELEASE === 'oldest').each<[string, UserInfo]>([
    ['a user name and a password', { user: 'svc', pass: 'secret' }],
    ['a token', { token: 'secret' }],
  ])('presents %s beside a sentinel, from the options or from the provider', async (_name, userInfo) => {
    const operator = await createOperatorMode();
    const [service, sentinel] = [await operator.mintUser({ name: 'callout' }), await operator.mintSentinel()];
    operator.useAuthCallout({ authUsers: [service.publicKey] });
    const server = await serverForTest({ config: await operator.config() });
    const seen: unknown[] = [];
    const callout = await startAuthCallout(server, {
      credentials: { authenticator: credentialsOf(service) },
      issuerSeed: operator.accountSeed,
      decide: ({ connect_opts: { user, pass, auth_token, jwt } }) => {
        seen.push({ user, pass, auth_token, jwt });
        return { allow: { account: operator.account, name: 'svc' } };
      },
    });
    try {
      await accepted(server.url, userInfo, { sentinel: { jwt: sentinel.jwt } });
      await accepted(server.url, userInfo, { sentinel: { creds: sentinel.creds } });
      await accepted(server.url, { ...userInfo, jwt: sentinel.jwt });
      const { user, pass, token: auth_token } = userInfo;
      expect(seen).toEqual(Array(3).fill({ user, pass, auth_token, jwt: sentinel.jwt }));
    } finally {
      await callout.stop();
    }
  });

  it('refuses a seed that is none before it opens a socket', async () => {
    const server = await serverForTest();
    const { seed: whole } = createNkeyUser();
    // In the middle: the last character is in part padding, which nobody checks.
    const seed = `${whole.slice(0, 20)}${whole[20] === 'A' ? 'B' : 'A'}${whole.slice(21)}`;
    const peer = new Peer(tested, { provide: () => ({ seed }), options: { servers: server.url } });
    const error: unknown = await peer.open().catch((thrown: unknown) => thrown);
    expect((error as Error).message).toContain(`'seed'`);
    expect((error as Error).message).not.toContain(seed);
    expect(await socketsAccepted(server)).toBe(0);
  });

  it('fails the dial with the words of a signer that fails', async () => {
    const server = await serverForTest({ config: nkeyConfig([createNkeyUser()]) });
    const nkey = createUser().getPublicKey();
    const sign = () => Promise.reject(new Error('KMS is down'));
    const peer = new Peer(tested, { provide: () => ({ nkey, sign }), options: { servers: server.url } });
    await expect(peer.open()).rejects.toThrow('KMS is down');
  });

  it('comes back with a fresh JWT each time the server ends an expired one', async () => {
    const operator = await createOperatorMode();
    const server = await serverForTest({ config: await operator.config() });
    const peer = new Peer(tested, {
      provide: async () => ({ creds: (await operator.mintUser({ expiresInMs: 1_000 })).creds }),
      options: { servers: server.url },
      refresh: { ahead: false },
    });
    const nc = await peer.open();
    await peer.until('connected', 4);
    await roundTrip(nc);
    expect(new Set(peer.all('rejected').map(({ error }) => error.kind))).toEqual(new Set(['expired']));
    expect(peer.all('connected')[0]?.userInfo.expiresAt).toBeGreaterThan(Date.now() - 60_000);
  });

  it('refreshes ahead of expiry, so that the server never has to end the connection', async () => {
    const operator = await createOperatorMode();
    const server = await serverForTest({ config: await operator.config() });
    const peer = new Peer(tested, {
      provide: async () => ({ creds: (await operator.mintUser({ expiresInMs: 4_000 })).creds }),
      options: { servers: server.url },
      refresh: { ahead: { fraction: 0.4 } },
      // A connection that is lost calls the provider at a moment of chance: this one would at once.
      random: () => 0,
    });
    const nc = await peer.open();
    await peer.until('refreshed', 3);
    await peer.until('connected', 3);
    await roundTrip(nc);
    expect(peer.all('rejected')).toEqual([]);
    expect(peer.requests.slice(1).map(({ reason }) => reason)).toEqual(
      Array(peer.requests.length - 1).fill('expiring'),
    );
  });

  it('drops revoked user info at once and comes back with another user', async () => {
    const operator = await createOperatorMode();
    const server = await serverForTest({ config: await operator.config() });
    let user = await operator.mintUser();
    const peer = new Peer(tested, {
      provide: () => ({ creds: user.creds }),
      options: { servers: server.url },
    });
    const nc = await peer.open();
    const revoked = user.publicKey;
    user = await operator.mintUser();
    operator.revoke(revoked);
    await server.reload(await operator.config());
    await peer.until('connected', 2);
    await roundTrip(nc);
    expect(peer.all('rejected').map(({ error }) => error.kind)).toEqual(['revoked']);
  });

  // Auth callout came with 2.10.
  it.skipIf(RELEASE === 'oldest')(
    'survives an auth-callout service that is down and comes back',
    async () => {
      const server = await serverForTest({ config: authCalloutConfig() });
      const allow = () => ({ allow: { account: 'APP', name: 'svc' } });
      let callout = await startAuthCallout(server, { decide: allow });
      const peer = new Peer(tested, {
        provide: () => ({ token: 'from-the-iam' }),
        options: { servers: server.url },
      });
      const nc = await peer.open();
      await callout.stop();
      await server.kill();
      await server.restart();
      await peer.until('rejected', 1);
      callout = await startAuthCallout(server, { decide: allow });
      try {
        await peer.until('connected', 2);
        await roundTrip(nc);
        expect(peer.all('rejected').every(({ error }) => error instanceof RejectedError)).toBe(true);
      } finally {
        await callout.stop();
      }
    },
  );

  async function accepted(
    servers: string,
    userInfo: UserInfo,
    options: { sentinel?: object } = {},
  ): Promise<void> {
    const peer = new Peer(tested, { provide: () => userInfo, options: { servers }, ...options });
    const nc = await peer.open();
    await nc.flush();
    await eventually(() => peer.connection.link.state === 'connected', { what: 'the connection' });
    expect(peer.all('rejected')).toEqual([]);
    await peer.close();
  }
});
