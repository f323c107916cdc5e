import { fromSeed } from '@nats-io/nkeys';
import { describe, expect, it } from 'vitest';

import type { UserInfo } from '../../libs/credentials/index.js';
import { eventually } from '../../libs/testing/index.js';
import { authCalloutConfig, startAuthCallout } from '../support/auth-callout.js';
import { createOperatorMode, type MintedUser } from '../support/operator-mode.js';
import { DRIVERS } from './drivers.js';
import { Peer } from './peer.js';
import { RELEASE, serverForTest } from './servers.js';

const RELOADS = 3;

describe.each(DRIVERS)('$label', (tested) => {
  it.each<[string, (user: MintedUser) => UserInfo]>([
    ['creds', ({ creds }) => ({ creds })],
    ['a JWT and its seed', ({ jwt, seed }) => ({ jwt, seed })],
    [
      'a JWT, its key and a signer',
      ({ jwt, seed, publicKey }) => ({
        jwt,
        nkey: publicKey,
        sign: (nonce) => fromSeed(new TextEncoder().encode(seed)).sign(nonce),
      }),
    ],
  ])('a reload of the server ends no connection with %s, and fails no request', async (_, userInfo) => {
    const operator = await createOperatorMode();
    const server = await serverForTest({ config: await operator.config() });
    const user = await operator.mintUser();
    const peer = new Peer(tested, { provide: () => userInfo(user), options: { servers: server.url } });
    const nc = await peer.open();
    nc.subscribe('echo', { callback: (_error, message) => void message.respond('pong') });
    const load = { running: true, answered: 0, failed: 0 };
    const worker = async () => {
      while (load.running)
        await nc.request('echo', 'ping', { timeout: 2_000 }).then(
          () => load.answered++,
          () => load.failed++,
        );
    };
    const workers = Array.from({ length: 8 }, worker);
    try {
      for (let reloads = 0; reloads < RELOADS; reloads++) {
        const { answered } = load;
        await server.reload(await operator.config());
        await eventually(() => load.answered > answered + 100, { what: 'answers after the reload' });
      }
    } finally {
      load.running = false;
      await Promise.all(workers);
    }
    expect(load.failed).toBe(0);
    expect(peer.all('disconnected')).toEqual([]);
  });

  it.skipIf(RELEASE === 'oldest')('shows its key to an auth callout that is shown no JWT', async () => {
    const operator = await createOperatorMode();
    const user = await operator.mintUser();
    const server = await serverForTest({ config: authCalloutConfig() });
    const callout = await startAuthCallout(server, {
      decide: ({ connect_opts: { nkey } }) =>
        nkey === user.publicKey ? { allow: { account: 'APP', name: 'svc' } } : { deny: 'who is it?' },
    });
    try {
      const peer = new Peer(tested, {
        provide: () => ({ creds: user.creds }),
        options: { servers: server.url },
      });
      await peer.open();
      await peer.close();
    } finally {
      await callout.stop();
    }
  });
});
