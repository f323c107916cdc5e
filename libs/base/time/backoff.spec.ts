import { describe, expect, it } from 'vitest';

import { backoffDelay } from './backoff.js';

const backoff = { initialDelay: 100, maxDelay: 1_000, factor: 2 };
const most = () => 1;

describe('backoff', () => {
  it('doubles its bound with each failure, up to the longest delay', () => {
    const delays = [1, 2, 3, 4, 5, 6].map((failures) => backoffDelay(backoff, failures, most));
    expect(delays).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  it('spreads each delay over everything from 0 to its bound', () => {
    expect([0, 0.25, 0.5, 0.999].map((random) => backoffDelay(backoff, 2, () => random))).toEqual([
      0, 50, 100, 200,
    ]);
  });

  it.each([
    ['never beyond the longest delay, after any number of failures', backoff, 1_000],
    ['always the same with a factor of 1', { ...backoff, factor: 1 }, 100],
    ['nothing when the first delay is 0', { ...backoff, initialDelay: 0 }, 0],
  ])('is %s', (_, settings, delay) => {
    expect(backoffDelay(settings, 10_000, most)).toBe(delay);
  });
});
