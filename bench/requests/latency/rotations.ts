import { setTimeout as pause } from 'node:timers/promises';

/** When to rotate, in ms. */
export interface Rotations {
  readonly firstAfterMs: number;
  readonly everyMs: number;
  readonly forMs: number;
}

/** Rotates again and again; one that takes longer than its time delays the next. @returns how often it has. */
export async function rotateAgain(
  rotate: () => Promise<void>,
  { firstAfterMs, everyMs, forMs }: Rotations,
): Promise<number> {
  const from = performance.now();
  let rotations = 0;
  for (let due = firstAfterMs; due < forMs; due += everyMs) {
    await pause(Math.max(0, from + due - performance.now()));
    await rotate();
    rotations++;
  }
  return rotations;
}
