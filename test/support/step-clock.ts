import { onTestFinished, vi } from 'vitest';

const realNow = Date.now;

/** Sets the wall clock off the true time until the test ends; it goes on from there, and timers take no notice. */
export function stepClock(byMs: number): void {
  const now = vi.spyOn(Date, 'now').mockImplementation(() => realNow() + byMs);
  onTestFinished(() => now.mockRestore());
}
