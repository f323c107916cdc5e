import { setImmediate as allMicrotasks } from 'node:timers/promises';

import { type Clock, LONGEST_TIMER_MS } from './clock.js';

interface Timer {
  readonly due: number;
  readonly callback: () => void;
}

/**
 * A clock that stands still until it is told to go on: for tests and simulations, which take as long as their
 * computing takes and end the same each time.
 *
 * ```ts
 * const clock = new VirtualClock();
 * const source = new CredentialSource({ …, clock });
 * await clock.advance(60 * 60_000); // an hour passes: each timer fires at its moment
 * clock.jump(8 * 60 * 60_000); // the machine was suspended: the wall clock jumps, timers stood still
 * ```
 *
 * As in Node.js, a timer takes whole ms, and 1 at least. The clock knows of no work beyond promises: what waits for a socket or a file is not waited for.
 */
export class VirtualClock implements Clock {
  /** By their moment; those of one moment in the order in which they were set. */
  readonly #timers: Timer[] = [];
  /** What timers go by, in ms. It never jumps. */
  #elapsed = 0;
  /** What the wall clock is ahead of `#elapsed`. */
  #offset: number;

  /** @param startAt what the wall clock shows at first, in ms since the epoch. */
  constructor(startAt = Date.UTC(2030, 0, 1)) {
    this.#offset = startAt;
  }

  now(): number {
    return this.#offset + this.#elapsed;
  }

  elapsed(): number {
    return this.#elapsed;
  }

  /** How many timers are set and have neither fired nor been cancelled. */
  get pending(): number {
    return this.#timers.length;
  }

  /** @throws {RangeError} for a delay that a Node.js timer cannot hold: it would fire at once. */
  after(delayMs: number, callback: () => void): () => void {
    if (!(delayMs >= 0 && delayMs <= LONGEST_TIMER_MS)) {
      throw new RangeError(`A timer holds 0 to ${LONGEST_TIMER_MS} ms, got ${delayMs}.`);
    }
    // As Node.js does it. It also lets an advance end where each timer sets another one.
    const timer: Timer = { due: this.#elapsed + Math.max(1, Math.trunc(delayMs)), callback };
    this.#timers.splice(this.#placeOf(timer.due), 0, timer);
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index >= 0) this.#timers.splice(index, 1);
    };
  }

  /**
   * Lets `ms` pass, 0 or more. Timers fire at their moments, one after the other, and everything that promises do
   * in consequence is done before the next one fires; so timers that are set meanwhile fire too when they are due.
   * Await it before advancing again.
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError(`Time passes by 0 ms or more, got ${ms}; see jump().`);
    const until = this.#elapsed + ms;
    await this.flush();
    for (let next = this.#timers[0]; next && next.due <= until; next = this.#timers[0]) {
      this.#timers.shift();
      this.#elapsed = next.due;
      next.callback();
      await this.flush();
    }
    this.#elapsed = until;
  }

  /**
   * Moves the wall clock and leaves timers alone. Forward, it is what a process sees after its machine was suspended;
   * to either side, what it sees when the clock is set.
   */
  jump(ms: number): void {
    this.#offset += ms;
  }

  /** Lets everything happen that waits for nothing but promises. No time passes. */
  async flush(): Promise<void> {
    await allMicrotasks();
  }

  /** Behind all that are due at the same moment or before. */
  #placeOf(due: number): number {
    let low = 0;
    let high = this.#timers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const timer = this.#timers[middle];
      if (timer && timer.due <= due) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
