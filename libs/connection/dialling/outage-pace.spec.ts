import { describe, expect, it } from 'vitest';

import { delayAtTheEndMs, fetchAfterMs } from './outage-pace.js';

const chances = Array.from({ length: 1_000 }, (_, i) => i / 1_000);

describe('in an outage, a fleet', () => {
  it('calls its provider over fifteen seconds, in each of them less than a tenth of it', () => {
    const seconds = chances.map((chance) => Math.floor(fetchAfterMs(() => chance) / 1_000));
    const busiest = Math.max(
      ...new Set(seconds.map((second) => seconds.filter((other) => other === second).length)),
    );
    expect([Math.min(...seconds), Math.max(...seconds)]).toEqual([0, 14]);
    expect(busiest).toBeLessThan(100);
  });

  it.each([
    [0, 0],
    [3_000, 0],
    [3_500, 500],
    [5_000, 2_000],
    [3_600_000, 2_000],
  ])('that is over after %s ms puts a call off by %s ms at most', (downMs, most) => {
    expect(delayAtTheEndMs(downMs, () => 0)).toBe(0);
    expect(delayAtTheEndMs(downMs, () => 1)).toBe(most);
  });
});
