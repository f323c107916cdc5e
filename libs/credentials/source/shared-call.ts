import { asError } from '../../base/index.js';

/** What a waiter does after a failed attempt: leave with a result or an error, or go on waiting. */
export type Decision<T> = { readonly leave: T } | { readonly fail: Error } | undefined;

type Settlement<T> = NonNullable<Decision<T>>;

interface Waiter<T> {
  readonly afterFailure: (error: Error, failures: number) => Decision<T>;
  readonly settle: (settlement: Settlement<T>) => void;
  failures: number;
}

/**
 * One call that several callers wait for. Each may leave early; when the last one has left, the call is aborted.
 */
export class SharedCall<T> {
  readonly #abort = new AbortController();
  readonly #waiters = new Set<Waiter<T>>();
  #done = false;
  /** Set while the call is failing, so that a newcomer need not wait for the next failure to know. */
  #lastFailure?: Error;

  /** @param abandoned makes the reason for the abort when nobody waits any more. */
  constructor(private readonly abandoned: () => Error) {}

  /** Begins the work; those who wait are settled when it ends. */
  start(work: (signal: AbortSignal) => Promise<T>): void {
    work(this.#abort.signal).then(
      (result) => this.#finish(() => ({ leave: result })),
      (thrown: unknown) => {
        const error = asError(thrown);
        this.#finish((waiter) => waiter.afterFailure(error, waiter.failures + 1) ?? { fail: error });
      },
    );
  }

  /** Whether a newcomer can still wait for it. */
  get open(): boolean {
    return !this.#done && !this.#abort.signal.aborted;
  }

  /**
   * Waits for the result. After each failed attempt `afterFailure` may decide to leave; it is given the number of failures
   * since this wait began. It is asked at once, with 0, when the attempt before this wait has failed.
   * @param signal ends the wait.
   */
  wait(afterFailure: Waiter<T>['afterFailure'], signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const aborted = () => this.#leave(waiter, { fail: signal?.reason as Error });
      const waiter: Waiter<T> = {
        afterFailure,
        failures: 0,
        settle: (settlement) => {
          signal?.removeEventListener('abort', aborted);
          if ('leave' in settlement) resolve(settlement.leave);
          else reject(settlement.fail);
        },
      };
      this.#waiters.add(waiter);
      if (signal?.aborted) return aborted();
      signal?.addEventListener('abort', aborted, { once: true });
      const decision = this.#lastFailure && afterFailure(this.#lastFailure, 0);
      if (decision) this.#leave(waiter, decision);
    });
  }

  /** An attempt has failed that is going to be retried. */
  failed(error: Error): void {
    this.#lastFailure = error;
    for (const waiter of [...this.#waiters]) {
      const decision = waiter.afterFailure(error, ++waiter.failures);
      if (decision) this.#leave(waiter, decision);
    }
  }

  /** Ends the call for everyone who waits. */
  abort(reason: Error): void {
    this.#finish(() => ({ fail: reason }));
    this.#abort.abort(reason);
  }

  #leave(waiter: Waiter<T>, settlement: Settlement<T>): void {
    if (!this.#waiters.delete(waiter)) return;
    waiter.settle(settlement);
    if (this.#waiters.size === 0 && !this.#done) this.#abort.abort(this.abandoned());
  }

  #finish(settlementOf: (waiter: Waiter<T>) => Settlement<T>): void {
    this.#done = true;
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const waiter of waiters) waiter.settle(settlementOf(waiter));
  }
}
