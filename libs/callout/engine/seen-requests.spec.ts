import { describe, expect, it } from 'vitest';

import { VirtualClock } from '../../base/index.js';
import { SeenRequests } from './seen-requests.js';

describe('requests that came before', () => {
  it('are known by each of their marks for as long as they are valid', async () => {
    const clock = new VirtualClock();
    const seen = new SeenRequests(clock);
    for (let i = 0; i < 100; i++) {
      expect(seen.isNew([`a${i}`, `b${i}`], 1_000)).toBe(true);
      await clock.advance(99);
      for (let j = Math.max(0, i - 9); j <= i; j++) expect(seen.isNew([`b${j}`], 0)).toBe(false);
    }
  });

  it('are forgotten then, whatever comes', async () => {
    const clock = new VirtualClock();
    const seen = new SeenRequests(clock);
    for (let i = 0; i < 1_000; i++) {
      seen.isNew([`${i}`], 1_000);
      await clock.advance(10);
    }
    expect(seen.size).toBeLessThanOrEqual(202);
    await clock.advance(5_000);
    seen.isNew(['last'], 1_000);
    expect(seen.size).toBe(1);
  });

  it('that live for very long cannot fill the memory', () => {
    const seen = new SeenRequests(new VirtualClock(), 100);
    for (let i = 0; i < 10_000; i++) seen.isNew([`${i}`], Number.MAX_SAFE_INTEGER);
    expect(seen.size).toBeLessThanOrEqual(100);
    expect(seen.isNew(['9999'], 1)).toBe(false);
  });
});
