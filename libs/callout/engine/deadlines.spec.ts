import { describe, expect, it } from 'vitest';

import { VirtualClock } from '../../base/index.js';
import { Deadlines } from './deadlines.js';

describe('deadlines', () => {
  const setup = () => {
    const clock = new VirtualClock();
    const rung: number[] = [];
    const deadlines = new Deadlines(clock);
    return { clock, rung, add: (at: number) => deadlines.add(at, () => rung.push(clock.elapsed())) };
  };

  it('ring when they are due, never before, whatever the order in which they are set', async () => {
    const { add, clock, rung } = setup();
    for (const at of [300, 100, 203, 100, 0]) add(at);
    await clock.advance(1_000);
    expect(rung).toEqual([1, 100, 100, 205, 300]);
  });

  it('do not ring once they are cancelled', async () => {
    const { add, clock, rung } = setup();
    const [cancelled] = [add(100), add(100), add(200)];
    cancelled();
    cancelled();
    await clock.advance(1_000);
    expect(rung).toEqual([100, 200]);
  });

  it('share one timer, and need none when nothing is due', async () => {
    const { add, clock, rung } = setup();
    const cancels = Array.from({ length: 1_000 }, (_, i) => add(1_000 + i));
    expect(clock.pending).toBe(1);
    for (const cancel of cancels.slice(1)) cancel();
    await clock.advance(1_000);
    expect([rung.length, clock.pending]).toEqual([1, 0]);
    add(5_000)();
    expect(clock.pending).toBe(0);
  });

  it('may be further away than a timer reaches', async () => {
    const { add, clock, rung } = setup();
    add(3_000_000_000);
    await clock.advance(2_999_999_999);
    expect(rung).toEqual([]);
    await clock.advance(5);
    expect(rung).toEqual([3_000_000_000]);
  });

  it('can be set by what rings', async () => {
    const { add, clock, rung } = setup();
    const deadlines = new Deadlines(clock);
    deadlines.add(10, () => add(20));
    await clock.advance(100);
    expect(rung).toEqual([20]);
  });
});
