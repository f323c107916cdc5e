import { type Clock, inOwnContext, LONGEST_TIMER_MS } from '../../base/index.js';

/** Deadlines are rounded up to a multiple of this. */
const GRAIN_MS = 5;

/** Many deadlines by one timer, as thousands of clients come at once and most are done long before theirs. */
export class Deadlines {
  /** What rings, by the multiple of the grain. */
  readonly #due = new Map<number, Set<() => void>>();
  #timer?: { readonly at: number; readonly cancel: () => void };

  constructor(private readonly clock: Clock) {}

  /**
   * @param at by `clock.elapsed()`.
   * @returns cancels.
   */
  add(at: number, ring: () => void): () => void {
    const moment = Math.ceil(at / GRAIN_MS) * GRAIN_MS;
    const rings = this.#due.get(moment) ?? new Set();
    this.#due.set(moment, rings.add(ring));
    if (this.#timer === undefined || moment < this.#timer.at) this.#setTimer(moment);
    return () => {
      rings.delete(ring);
      if (rings.size === 0 && this.#due.get(moment) === rings) this.#due.delete(moment);
      // A timer for what is cancelled is left where others wait: it finds nothing, and is set for the next.
      if (this.#due.size === 0) this.#clearTimer();
    };
  }

  #setTimer(at: number): void {
    this.#clearTimer();
    const delay = Math.min(Math.max(0, at - this.clock.elapsed()), LONGEST_TIMER_MS);
    this.#timer = { at, cancel: inOwnContext(() => this.clock.after(delay, () => this.#look())) };
  }

  #clearTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #look(): void {
    this.#timer = undefined;
    const now = this.clock.elapsed();
    for (const [moment, rings] of this.#due) {
      if (moment > now) continue;
      this.#due.delete(moment);
      for (const ring of rings) ring();
    }
    if (this.#due.size > 0) this.#setTimer(Math.min(...this.#due.keys()));
  }
}
