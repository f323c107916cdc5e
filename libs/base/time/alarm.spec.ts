import { describe, expect, it, vi } from 'vitest';

import { setAlarm } from './alarm.js';
import { VirtualClock } from './virtual-clock.js';

const HOUR = 3_600_000;

function alarmIn(ms: number) {
  const clock = new VirtualClock();
  const at = clock.now() + ms;
  const rang = vi.fn<(at: number) => void>();
  const cancel = setAlarm(clock, at, () => rang(clock.now()));
  return { clock, at, rang, cancel };
}

describe('an alarm', () => {
  it.each([1, 4_999, 5_000, 5_001, HOUR])('rings once, %s ms later to the ms', async (ms) => {
    const { clock, at, rang } = alarmIn(ms);
    await clock.advance(ms - 1);
    expect(rang).not.toHaveBeenCalled();
    await clock.advance(HOUR);
    expect(rang).toHaveBeenCalledExactlyOnceWith(at);
    expect(clock.pending).toBe(0);
  });

  it.each([0, -HOUR])(
    'rings at once, but not before setAlarm() returned, for a moment %s ms from now',
    async (ms) => {
      const { clock, rang } = alarmIn(ms);
      expect(rang).not.toHaveBeenCalled();
      await clock.advance(1);
      expect(rang).toHaveBeenCalledOnce();
    },
  );

  it('rings within seconds after the machine was suspended past its moment', async () => {
    const { clock, rang } = alarmIn(HOUR);
    await clock.advance(1_000);
    clock.jump(8 * HOUR);
    await clock.advance(5_000);
    expect(rang).toHaveBeenCalledOnce();
  });

  it('follows a clock that is set back', async () => {
    const { clock, at, rang } = alarmIn(HOUR);
    await clock.advance(HOUR / 2);
    clock.jump(-HOUR / 4);
    await clock.advance(HOUR / 2);
    expect(rang).not.toHaveBeenCalled();
    await clock.advance(HOUR / 4);
    expect(rang).toHaveBeenCalledExactlyOnceWith(at);
  });

  it('holds a moment beyond the longest timer of Node.js', async () => {
    const ms = 2 ** 31 + 10 * HOUR;
    const { clock, rang } = alarmIn(ms);
    // Most of the time passes while the machine sleeps: advancing through it would look at the clock too often.
    clock.jump(2 ** 31);
    await clock.advance(10 * HOUR - 1);
    expect(rang).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(rang).toHaveBeenCalledOnce();
  });

  it.each([0, 1_000, 30_000])(
    'does not ring and leaves no timer when it is cancelled after %s ms',
    async (ms) => {
      const { clock, rang, cancel } = alarmIn(HOUR);
      await clock.advance(ms);
      cancel();
      expect(clock.pending).toBe(0);
      await clock.advance(2 * HOUR);
      expect(rang).not.toHaveBeenCalled();
    },
  );
});
