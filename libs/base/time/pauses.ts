import { type Clock, sleep } from './clock.js';

/** Waits that can be ended before their time: what they were for may have come about. */
export class Pauses {
  readonly #ends = new Set<() => void>();
  #endings = 0;

  constructor(private readonly clock: Clock) {}

  /** How often `end()` was called. */
  get endings(): number {
    return this.#endings;
  }

  /**
   * Waits `delayMs`; rejects with the signal's reason as soon as it aborts.
   * @param leastMs how long it lasts in any case.
   * @param endings what `endings` was before that which is waited for: it has ended already if that is different now.
   * @returns whether it was ended before its time.
   */
  async wait(delayMs: number, signal: AbortSignal, leastMs = 0, endings = this.#endings): Promise<boolean> {
    const startedAt = this.clock.now();
    const ended = new AbortController();
    const end = () => ended.abort();
    this.#ends.add(end);
    // Not `AbortSignal.any()`: a signal that outlives many waits would collect what that makes.
    signal.addEventListener('abort', end, { once: true });
    if (endings !== this.#endings || signal.aborted) end();
    try {
      await sleep(this.clock, delayMs, ended.signal);
      return false;
    } catch {
      signal.throwIfAborted();
      const left = leastMs - (this.clock.now() - startedAt);
      // The second bound is for a wall clock that was set back.
      if (left > 0) await sleep(this.clock, Math.min(left, leastMs), signal);
      return true;
    } finally {
      this.#ends.delete(end);
      signal.removeEventListener('abort', end);
    }
  }

  /** Ends all that are under way. */
  end(): void {
    this.#endings++;
    for (const end of this.#ends) end();
  }
}
