import type { Clock } from '../../../libs/base/index.js';

/** How long a herd is told as one, at first and at most, in ms. */
const FIRST_WINDOW_MS = 30_000;
const LONGEST_WINDOW_MS = 300_000;

/** What was not told of one kind. */
export interface LeftOut {
  readonly times: number;
  readonly lastedMs: number;
}

interface Window {
  readonly since: number;
  readonly lengthMs: number;
  told: number;
  leftOut: number;
}

/**
 * Things that happen one by one on a quiet day and by the thousand on another: the first of each kind are told, and later how many more there were. Windows
 * grow while it goes on. There is no timer: what was left out is told when something happens.
 */
export class Herd<Kind extends string> {
  readonly #windows = new Map<Kind, Window>();

  /**
   * @param most how many of a kind are told in a window.
   * @param tellRest hears what was left out of a window that is over.
   */
  constructor(
    private readonly clock: Clock,
    private readonly most: number,
    private readonly tellRest: (kind: Kind, leftOut: LeftOut) => void,
  ) {}

  /** Whether to tell one more of this kind. */
  isTold(kind: Kind): boolean {
    this.settle();
    const now = this.clock.elapsed();
    const window = this.#windows.get(kind) ?? { since: now, lengthMs: FIRST_WINDOW_MS, told: 0, leftOut: 0 };
    this.#windows.set(kind, window);
    if (window.told < this.most) {
      window.told++;
      return true;
    }
    window.leftOut++;
    return false;
  }

  /**
   * Tells what was left out of the windows that are over.
   * @param all of the others as well.
   */
  settle(all = false): void {
    if (this.#windows.size === 0) return;
    const now = this.clock.elapsed();
    for (const [kind, { since, lengthMs, leftOut }] of this.#windows) {
      const lastedMs = now - since;
      if (!all && lastedMs < lengthMs) continue;
      this.#windows.delete(kind);
      if (leftOut === 0) continue;
      this.tellRest(kind, { times: leftOut, lastedMs });
      if (all || lastedMs >= 2 * lengthMs) continue;
      this.#windows.set(kind, {
        since: now,
        lengthMs: Math.min(2 * lengthMs, LONGEST_WINDOW_MS),
        told: 0,
        leftOut: 0,
      });
    }
  }
}
