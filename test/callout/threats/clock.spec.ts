import { describe, expect, it } from 'vitest';

import { systemClock } from '../../../libs/base/index.js';
import { connect, refusal, VIOLATION } from '../harness/clients.js';
import { ALICE, withoutCallout } from '../harness/config-mode.js';
import { LANES } from '../harness/lanes.js';

const SECOND_MS = 1_000;
const skewed = (ms: number) => ({ ...systemClock, now: () => Date.now() + ms });

describe.each(LANES)('$label: a callout whose clock', (lane) => {
  it.each([-3, 3])('is off by %i s admits clients', async (seconds) => {
    const { server, run } = await withoutCallout(lane);
    await run({ clock: skewed(seconds * SECOND_MS) });
    await connect(lane, server, ALICE);
  });

  it.each([-60, 60])('is off by %i s admits nobody, and says what is wrong', async (seconds) => {
    const { server, run } = await withoutCallout(lane, { server: { timeout: 500 } });
    const callout = await run({ clock: skewed(seconds * SECOND_MS) });
    expect(await refusal(lane, server, ALICE)).toMatch(VIOLATION);
    const { problem, error } = await callout.until('discarded');
    expect(problem).toBe('expired');
    expect(error.message).toContain('clock');
  });

  it('shows whole seconds admits clients of a server that waits half a second', async () => {
    const { server, run } = await withoutCallout(lane, { server: { timeout: 500 } });
    const callout = await run({ clockTolerance: 0 });
    for (let time = 0; time < 5; time++) await connect(lane, server, ALICE);
    expect(callout.all('admitted')).toHaveLength(5);
  });
});
