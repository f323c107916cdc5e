import { setTimeout as later } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { CALLOUT_SUBJECT } from '../../libs/callout/index.js';
import { ALICE, withoutCallout } from './harness/config-mode.js';
import { ConnectingClients } from './harness/connecting-clients.js';
import { nkeyCredentials, userKeys } from './harness/keys.js';
import { type Lane, LANES } from './harness/lanes.js';
import { RunningListener } from './harness/running-listener.js';
import { HASTY_MS, PATIENT_MS } from './harness/server-waits.js';
import { spyOn } from './harness/spy.js';

const ROTATIONS = 6;
const ROTATED = { handover: 'rotated', reconnect: 'reconnected' } as const;
/** How long an authorizer takes, in ms, so that clients are under way at each rotation. */
const AUTHORIZER_MS = 15;

describe.each(LANES)('$label: a callout whose own credentials rotate under load', (lane) => {
  it.each([
    ['hands over', 'handover', 1],
    ['reconnects in place beside another instance', 'reconnect', 2],
  ] as const)('and which %s answers each request once', async (_, mode, instances) => {
    const { clients, heard } = await rotations(lane, mode, instances);
    heard.expectOneAnswerEach(clients, ROTATIONS * 10);
  });

  it('and may do nothing but hear and answer hands over as well', async () => {
    const answersOnly = `permissions: { subscribe: "${CALLOUT_SUBJECT}", publish: { deny: ">" }, allow_responses: true }`;
    const { clients } = await rotations(lane, 'handover', 1, { permissions: answersOnly });
    expect(clients.refused).toEqual([]);
  });

  it('loses some if it reconnects in place and is alone', async () => {
    const { clients } = await rotations(lane, 'reconnect', 1, { timeout: HASTY_MS });
    expect(clients.refused.length).toBeGreaterThan(0);
  });
});

interface Circumstances {
  /** Of the callout itself, as the server's configuration has them. */
  readonly permissions?: string;
  readonly timeout?: number;
}

async function rotations(
  lane: Lane,
  mode: keyof typeof ROTATED,
  count: number,
  { permissions = '', timeout = PATIENT_MS }: Circumstances = {},
) {
  const [one, other, spy] = [userKeys(), userKeys(), userKeys()];
  const place = await withoutCallout(lane, {
    // The spy reads the requests and answers.
    sealed: false,
    timeout: PATIENT_MS,
    config: (text) =>
      [one, other].reduce((all, { publicKey }) => withPermissions(all, publicKey, permissions), text),
    server: { timeout, users: [one, other, spy].map(({ publicKey }) => ({ nkey: publicKey })) },
  });
  const start = () => {
    let turn = 0;
    return RunningListener.start({
      ...place,
      getUserInfo: () => ({ seed: (turn++ % 2 === 0 ? one : other).seed }),
      nats: { rotation: { mode } },
      authorize: async ({ credentials: { user = '' } }) => {
        await later(AUTHORIZER_MS);
        return { name: user };
      },
    });
  };
  const instances = await Promise.all(Array.from({ length: count }, start));
  const heard = await spyOn(lane, place.server, nkeyCredentials(spy));
  const clients = new ConnectingClients(lane, place.server, ALICE);
  for (let rotation = 0; rotation < ROTATIONS; rotation++) {
    await clients.more(10);
    for (const { nats } of instances) expect(await nats.rotate()).toEqual({ server: ROTATED[mode] });
  }
  await clients.more(10);
  await clients.stop();
  await heard.all();
  return { clients, heard };
}

function withPermissions(config: string, nkey: string, permissions: string): string {
  if (permissions === '') return config;
  expect(config).toContain(`{ nkey: ${nkey} }`);
  return config.replace(`{ nkey: ${nkey} }`, `{ nkey: ${nkey}, ${permissions} }`);
}
