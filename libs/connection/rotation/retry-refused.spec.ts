import { expect, it } from 'vitest';

import { VirtualClock } from '../../base/index.js';
import { retryRefused } from './retry-refused.js';

const backoff = { initialDelay: 1_000, maxDelay: 30_000, factor: 2 };

it('subscribes again with backoff, until nothing is refused any more', async () => {
  const clock = new VirtualClock();
  const at: number[] = [];
  const over = retryRefused({
    backoff,
    clock,
    random: () => 1,
    isDue: () => at.length < 7,
    subscribeAgain: () => Promise.resolve(void at.push(clock.elapsed())),
    signal: new AbortController().signal,
  });
  for (let n = 0; n < 200; n++) await clock.advance(1_000);
  await over;
  expect(at.map((ms, n) => ms - (at[n - 1] ?? 0))).toEqual([
    1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
  ]);
});

it('goes on after an attempt that failed, and ends with the connection', async () => {
  const clock = new VirtualClock();
  const closed = new AbortController();
  let attempts = 0;
  const over = retryRefused({
    backoff,
    clock,
    random: () => 1,
    isDue: () => true,
    subscribeAgain: () => {
      if (++attempts === 3) closed.abort(new Error('closed'));
      return Promise.reject(new Error('lost'));
    },
    signal: closed.signal,
  });
  for (let n = 0; n < 20; n++) await clock.advance(1_000);
  await over;
  expect(attempts).toBe(3);
});
