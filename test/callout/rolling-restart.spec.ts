import { setTimeout as later } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { ALICE, withoutCallout } from './harness/config-mode.js';
import { ConnectingClients } from './harness/connecting-clients.js';
import { userKeys } from './harness/keys.js';
import { type Lane, LANES } from './harness/lanes.js';
import { RunningListener } from './harness/running-listener.js';
import { HASTY_MS, PATIENT_MS } from './harness/server-waits.js';

const RESTARTS = 10;
/** How long an authorizer takes, in ms, so that clients are under way at each stop. */
const AUTHORIZER_MS = 15;

describe.each(LANES)('$label: rolling restarts of two instances under load', (lane) => {
  it('refuse no client', async () => {
    const clients = await restarts(lane, PATIENT_MS, (instance) => instance.stop());
    expect(clients.refused).toEqual([]);
    expect(clients.admitted).toBeGreaterThan(RESTARTS * 10);
  });

  it('refuse some if an instance just closes its connection', async () => {
    const clients = await restarts(lane, HASTY_MS, (instance) => instance.crash());
    expect(clients.refused.length).toBeGreaterThan(0);
  });
});

async function restarts(lane: Lane, timeout: number, stop: (instance: RunningListener) => Promise<void>) {
  const own = userKeys();
  const place = await withoutCallout(lane, {
    timeout: PATIENT_MS,
    server: { timeout, users: [{ nkey: own.publicKey }] },
  });
  const start = () =>
    RunningListener.start({
      ...place,
      getUserInfo: () => ({ seed: own.seed }),
      authorize: async ({ credentials: { user = '' } }) => {
        await later(AUTHORIZER_MS);
        return { name: user };
      },
    });
  const instances = [await start(), await start()];
  const clients = new ConnectingClients(lane, place.server, ALICE);
  for (let restart = 0; restart < RESTARTS; restart++) {
    await clients.more(10);
    const oldest = instances.shift();
    if (oldest) await stop(oldest);
    instances.push(await start());
  }
  await clients.stop();
  return clients;
}
