import { setTimeout as later } from 'node:timers/promises';

import type { NatsAuthEvents } from 'nestjs-nats-auth';
import { describe, expect, it } from 'vitest';

import { eventually } from '../../libs/testing/index.js';
import type { NatsAuthService } from '../../src/status/nats-auth-service.js';
import { connect, refusal } from './harness/clients.js';
import { ALICE, byPassword, withoutCallout } from './harness/config-mode.js';
import { ConnectingClients } from './harness/connecting-clients.js';
import { nkeyCredentials, userKeys } from './harness/keys.js';
import { type Lane, LANES } from './harness/lanes.js';
import { operatorMode } from './harness/operator-mode.js';
import { RunningListener } from './harness/running-listener.js';
import { PATIENT_MS } from './harness/server-waits.js';
import { spyOn } from './harness/spy.js';

const ROTATIONS = 3;
/** How long an authorizer takes, in ms, so that clients are under way at each rotation. */
const AUTHORIZER_MS = 15;
/** Refreshed early enough that a slow machine is in time. */
const EARLY = { refresh: { ahead: { fraction: 0.2 } } };

const slowly: typeof byPassword = async (request, context) => {
  await later(AUTHORIZER_MS);
  return byPassword(request, context);
};

describe.each(LANES)('$label: a callout whose own credentials expire', (lane) => {
  it.each([
    ['JWTs', withJwts],
    ['NKeys whose provider says when they expire', withNkeys],
  ])('moves to new %s ahead of that, again and again, and answers each request once', async (_, place) => {
    const { server, listener, present, spy } = await place(lane);
    const heard = await spyOn(lane, server, spy);
    const told = tell(listener.nats);
    const clients = new ConnectingClients(lane, server, present);
    await eventually(() => told.rotated.length >= ROTATIONS, { what: 'the rotations', timeoutMs: 30_000 });
    await clients.more(10);
    await clients.stop();
    await heard.all();
    heard.expectOneAnswerEach(clients, ROTATIONS * 10);
    expect(told.rotated.map(({ trigger, outcome }) => `${trigger}: ${outcome}`)).toEqual(
      told.rotated.map(() => 'expiring: success'),
    );
    expect(told.lost).toEqual([]);
  });

  it('comes back by itself if its provider was so late that the server has ended the connection', async () => {
    const { server, options, present, ownFor, callout } = await operatorMode(lane);
    await callout.stop();
    let calls = 0;
    let deliver = () => {};
    const delivery = new Promise<void>((resolve) => (deliver = resolve));
    const listener = await RunningListener.start({
      ...{ lane, server, options, authorize: byPassword },
      getUserInfo: async () => {
        if (calls++ === 0) return ownFor(1_000);
        await delivery;
        return ownFor(600_000);
      },
      nats: { refresh: { timeout: 60_000 } },
    });
    const told = tell(listener.nats);
    await connect(lane, server, present(ALICE));
    await eventually(() => told.lost.length > 0, { what: 'the end of the connection' });
    expect(told.lost[0]).toMatch('rejected: expired');
    expect(listener.listener.listening).toBe(false);
    // 2.10 just hangs up on a client of which nobody hears.
    await refusal(lane, server, present(ALICE));

    deliver();
    await eventually(() => listener.listener.listening, { what: 'the callout to listen again' });
    const clients = new ConnectingClients(lane, server, present(ALICE));
    await clients.more(10);
    await clients.stop();
    expect(clients.refused).toEqual([]);
    expect(listener.all('listening').map(({ listening }) => listening)).toEqual([true, false, true]);
    await listener.stop();
  });
});

/** In operator mode, where the server itself ends a connection at the expiry of its JWT. */
async function withJwts(lane: Lane) {
  // The spy reads the requests and answers.
  const { server, options, present, credentials, ownFor, callout } = await operatorMode(lane, {
    sealed: false,
    timeout: PATIENT_MS,
    options: () => ({ timeout: PATIENT_MS }),
  });
  await callout.stop();
  const listener = await RunningListener.start({
    ...{ lane, server, options, authorize: slowly },
    getUserInfo: () => ownFor(3_000),
    nats: EARLY,
  });
  return { server, listener, present: present(ALICE), spy: credentials };
}

async function withNkeys(lane: Lane) {
  const [one, other, spy] = [userKeys(), userKeys(), userKeys()];
  const { server, options } = await withoutCallout(lane, {
    sealed: false,
    timeout: PATIENT_MS,
    server: { timeout: PATIENT_MS, users: [one, other, spy].map(({ publicKey }) => ({ nkey: publicKey })) },
  });
  let turn = 0;
  const listener = await RunningListener.start({
    ...{ lane, server, options, authorize: slowly },
    getUserInfo: () => ({ seed: (turn++ % 2 === 0 ? one : other).seed, expiresAt: Date.now() + 3_000 }),
    nats: EARLY,
  });
  return { server, listener, present: ALICE, spy: nkeyCredentials(spy) };
}

/** What happens to the callout's own connection. */
function tell(nats: NatsAuthService) {
  const rotated: NatsAuthEvents['rotated'][] = [];
  const lost: string[] = [];
  nats.on('rotated', (event) => rotated.push(event));
  nats.on('rejected', ({ error }) => lost.push(`rejected: ${error.kind}`));
  nats.on('disconnected', () => lost.push('disconnected'));
  return { rotated, lost };
}
