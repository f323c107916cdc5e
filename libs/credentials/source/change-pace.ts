import type { Clock } from '../../base/index.js';

/** Changes that come no later than this after the refresh before belong together, in ms. */
const QUIET_MS = 500;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

/**
 * How long to wait before the refresh for a change. A change now and then is followed at once, and so is one that comes during the
 * refresh for another; where each refresh brings about the next change, the pauses double up to half a minute.
 */
export class ChangePace {
  #inARow = 0;
  #pauseMs = 0;
  /** When a refresh for a change last began or ended, in ms since the epoch. */
  #active = -Infinity;

  constructor(private readonly clock: Clock) {}

  /** The next refresh is wanted. Gives for how long it is to wait, in ms. */
  next(): number {
    const quietMs = Math.abs(this.clock.now() - this.#active);
    this.#inARow = quietMs > Math.max(QUIET_MS, 2 * this.#pauseMs) ? 1 : this.#inARow + 1;
    this.#pauseMs =
      this.#inARow <= 2 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#inARow - 3));
    return this.#pauseMs;
  }

  /** A refresh has begun, or ended. */
  active(): void {
    this.#active = this.clock.now();
  }
}
