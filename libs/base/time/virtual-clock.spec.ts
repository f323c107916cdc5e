import { describe, expect, it, vi } from 'vitest';

import { VirtualClock } from './virtual-clock.js';

const START = Date.UTC(2030, 0, 1);

describe('a virtual clock', () => {
  it('stands still by itself', async () => {
    const clock = new VirtualClock(START);
    const fired = vi.fn();
    clock.after(0, fired);
    await clock.flush();
    expect(fired).not.toHaveBeenCalled();
    expect(clock.now()).toBe(START);
  });

  it('fires each timer at its moment, and those of one moment in the order they were set', async () => {
    const clock = new VirtualClock(START);
    const fired: string[] = [];
    const timer = (name: string, delay: number) =>
      clock.after(delay, () => fired.push(`${name} at ${clock.now() - START}`));
    timer('c', 30);
    timer('a', 10);
    timer('b1', 20);
    timer('b2', 20);
    timer('d', 31);
    await clock.advance(30);
    expect(fired).toEqual(['a at 10', 'b1 at 20', 'b2 at 20', 'c at 30']);
    expect(clock.now()).toBe(START + 30);
    expect(clock.pending).toBe(1);
  });

  it('lets promises run before the next timer fires, and fires what they set', async () => {
    const clock = new VirtualClock(START);
    const fired: number[] = [];
    const tick = async () => {
      for (let i = 0; i < 50; i++) await Promise.resolve();
      fired.push(clock.now() - START);
      if (fired.length < 4) clock.after(10, () => void tick());
    };
    clock.after(10, () => void tick());
    clock.after(25, () => fired.push(25));
    await clock.advance(100);
    expect(fired).toEqual([10, 20, 25, 30]);
  });

  it('fires what was set by a promise that was already under way', async () => {
    const clock = new VirtualClock(START);
    const fired = vi.fn();
    void Promise.resolve().then(() => clock.after(10, fired));
    await clock.advance(10);
    expect(fired).toHaveBeenCalledOnce();
  });

  it('takes 1 ms at least for a timer, as Node.js does, so that time passes in a loop without delay', async () => {
    const clock = new VirtualClock(START);
    let turns = 0;
    const turn = () => {
      turns++;
      clock.after(0, turn);
    };
    turn();
    clock.after(9.9, () => expect(clock.now()).toBe(START + 9));
    await clock.advance(10);
    expect(turns).toBe(11);
  });

  it('forgets a timer that was cancelled, however often', async () => {
    const clock = new VirtualClock(START);
    const [kept, cancelled] = [vi.fn(), vi.fn()];
    clock.after(10, kept);
    const cancel = clock.after(10, cancelled);
    cancel();
    cancel();
    expect(clock.pending).toBe(1);
    await clock.advance(10);
    expect(kept).toHaveBeenCalledOnce();
    expect(cancelled).not.toHaveBeenCalled();
  });

  it('moves the wall clock and no timer when it jumps, forward or back', async () => {
    const clock = new VirtualClock(START);
    const fired = vi.fn();
    clock.after(10, fired);
    clock.jump(3_600_000);
    await clock.advance(9);
    expect(fired).not.toHaveBeenCalled();
    clock.jump(-7_200_000);
    await clock.advance(1);
    expect(fired).toHaveBeenCalledOnce();
    expect(clock.now()).toBe(START - 3_600_000 + 10);
  });

  it.each([2 ** 31, -1, NaN, Infinity])(
    'refuses a timer of %s ms, which Node.js would fire at once',
    (delay) => {
      expect(() => new VirtualClock().after(delay, () => {})).toThrow(RangeError);
    },
  );

  it.each([-1, NaN])('refuses to advance by %s ms', async (ms) => {
    await expect(new VirtualClock().advance(ms)).rejects.toThrow(RangeError);
  });
});
