import { setTimeout as later } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { connect } from '../harness/clients.js';
import { ALICE, configMode, withoutCallout } from '../harness/config-mode.js';
import { LANES } from '../harness/lanes.js';

const CLIENTS = 30;

describe.each(LANES)('$label: instances of a callout', (lane) => {
  it('share the clients: each is asked about once', async () => {
    const { server, callout, run } = await configMode(lane);
    const other = await run();
    await Promise.all(Array.from({ length: CLIENTS }, () => connect(lane, server, ALICE)));
    expect(callout.asked.length + other.asked.length).toBe(CLIENTS);
    expect(Math.min(callout.asked.length, other.asked.length)).toBeGreaterThan(0);
  });

  it('are replaced under load without a client that is refused', async () => {
    const place = await withoutCallout(lane, {
      authorize: async ({ credentials: { user = '' } }) => {
        await later(20);
        return { name: user };
      },
    });
    let instances = await Promise.all([place.run(), place.run()]);
    let loading = true;
    let admitted = 0;
    const load = Array.from({ length: 4 }, async () => {
      while (loading) {
        const client = await connect(lane, place.server, ALICE);
        admitted++;
        await client.close();
      }
    });
    for (let restart = 0; restart < 4; restart++) {
      const [oldest, ...others] = instances;
      const next = await place.run();
      await oldest.stop();
      instances = [...others, next] as typeof instances;
      const before = admitted;
      while (admitted < before + 10) await later(5);
    }
    loading = false;
    // Fails with the first refusal.
    await Promise.all(load);
    expect(admitted).toBeGreaterThan(40);
  });
});
