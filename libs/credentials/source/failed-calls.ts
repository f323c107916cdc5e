import { type Backoff, backoffDelay, type Clock, type Pauses, retryAfter } from '../../base/index.js';

/** Calls that have failed since the last one that gave something. */
interface Row {
  readonly attempts: number;
  /** Those since a pause was ended before its time: then the backoff begins afresh. */
  readonly failures: number;
  readonly error: Error;
  /** Before the next call; both ends by `Clock.elapsed()`. */
  readonly pause: { readonly until: number; readonly leastUntil: number; readonly endings: number };
}

/**
 * Provider calls that fail one after the other, whoever asked for them: an establishment that fails is followed by the next one, so that
 * attempts count on and pauses grow until a call gives something.
 */
export class FailedCalls {
  #row?: Row;

  constructor(
    private readonly backoff: Backoff,
    private readonly pauses: Pauses,
    private readonly clock: Clock,
    private readonly random: () => number,
  ) {}

  /** The number of the next call: 1, 2, … */
  get attempt(): number {
    return (this.#row?.attempts ?? 0) + 1;
  }

  /** How the call before has failed, if it has. */
  get last(): Error | undefined {
    return this.#row?.error;
  }

  /** Whether the next call has to wait. */
  get pausing(): boolean {
    return this.#left().ms > 0;
  }

  /** Waits for what is left of the pause; rejects with the reason of `signal`. */
  async wait(signal: AbortSignal): Promise<void> {
    const { ms, leastMs } = this.#left();
    if (ms > 0) await this.pauses.wait(ms, signal, leastMs, this.#row?.pause.endings);
  }

  /**
   * A call has failed.
   * @param endings what `Pauses.endings` was when it began: what ends the pause while the call is under way counts all the same.
   * @param holdsBack whether the next one waits, whoever makes it.
   * @returns how long the next one is to wait, in ms.
   */
  failed(error: Error, endings: number, holdsBack = true): number {
    const isInRow = this.#row?.pause.endings === endings;
    const failures = isInRow && this.#row ? this.#row.failures + 1 : 1;
    const leastMs = retryAfter(error);
    const pauseMs = Math.max(backoffDelay(this.backoff, failures, this.random), leastMs);
    const now = this.clock.elapsed();
    const pause = { until: holdsBack ? now + pauseMs : now, leastUntil: now + leastMs, endings };
    this.#row = { attempts: this.attempt, failures, error, pause };
    return pauseMs;
  }

  /** A call has given something. */
  over(): void {
    this.#row = undefined;
  }

  #left(): { readonly ms: number; readonly leastMs: number } {
    if (!this.#row) return { ms: 0, leastMs: 0 };
    const { until, leastUntil, endings } = this.#row.pause;
    const now = this.clock.elapsed();
    const leastMs = Math.max(0, leastUntil - now);
    return { ms: endings === this.pauses.endings ? until - now : leastMs, leastMs };
  }
}
