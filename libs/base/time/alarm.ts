import type { Clock } from './clock.js';

/** How often an alarm looks at the wall clock, in ms. */
const LOOK_EVERY_MS = 5_000;

/**
 * Calls `ring` once the wall clock has reached `at`; the returned function cancels.
 *
 * One long timer would be wrong: timers stand still while a machine sleeps, do not follow a stepped clock, and
 * overflow beyond 2³¹ − 1 ms. So the clock is read at short intervals.
 */
export function setAlarm(clock: Clock, at: number, ring: () => void): () => void {
  let cancelTimer = () => {};
  const look = () => {
    const remaining = at - clock.now();
    if (remaining <= 0) ring();
    else cancelTimer = clock.after(Math.min(remaining, LOOK_EVERY_MS), look);
  };
  cancelTimer = clock.after(Math.max(0, Math.min(at - clock.now(), LOOK_EVERY_MS)), look);
  return () => cancelTimer();
}
