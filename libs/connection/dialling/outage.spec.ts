import { expect, it } from 'vitest';

import { VirtualClock } from '../../base/index.js';
import { Outage } from './outage.js';

it('counts the dials, and the time, from the loss to the connect', async () => {
  const clock = new VirtualClock();
  const outage = new Outage(clock);
  expect(outage.progress).toEqual({ attempt: 0, downMs: 0 });
  outage.begin();
  await clock.advance(2_000);
  outage.dialled();
  outage.begin();
  await clock.advance(10_000);
  outage.dialled();
  // The machine slept: that is no time in which anybody dialled.
  clock.jump(8 * 3_600_000);
  expect(outage.progress).toEqual({ attempt: 2, downMs: 12_000 });
  outage.end();
  await clock.advance(60_000);
  outage.dialled();
  expect(outage.progress).toEqual({ attempt: 1, downMs: 0 });
});
