import { getEventListeners } from 'node:events';

import { describe, expect, it, vi } from 'vitest';

import { sleep, systemClock } from './clock.js';
import { VirtualClock } from './virtual-clock.js';

describe('sleep', () => {
  it('lasts as long as it was told and leaves nothing behind', async () => {
    const clock = new VirtualClock();
    const { signal } = new AbortController();
    const woken = vi.fn();
    void sleep(clock, 100, signal).then(woken);
    await clock.advance(99);
    expect(woken).not.toHaveBeenCalled();
    await clock.advance(1);
    expect(woken).toHaveBeenCalledOnce();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('ends with the reason as soon as it is aborted, and leaves no timer', async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    const reason = new Error('enough');
    const sleeping = sleep(clock, 100, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    expect(clock.pending).toBe(0);
  });

  it('does not begin when it is aborted before', async () => {
    const clock = new VirtualClock();
    const reason = new Error('enough');
    await expect(sleep(clock, 100, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(clock.pending).toBe(0);
  });
});

describe('the clock of the machine', () => {
  it('uses the timers and the wall clock of Node.js', () => {
    vi.useFakeTimers({ now: 1_900_000_000_000 });
    try {
      const [fired, cancelled] = [vi.fn(), vi.fn()];
      systemClock.after(100, fired);
      systemClock.after(100, cancelled)();
      vi.advanceTimersByTime(100);
      expect(fired).toHaveBeenCalledOnce();
      expect(cancelled).not.toHaveBeenCalled();
      expect(systemClock.now()).toBe(1_900_000_000_100);
    } finally {
      vi.useRealTimers();
    }
  });
});
