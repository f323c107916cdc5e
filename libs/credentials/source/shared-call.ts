import { asError } from '../../base/index.js';

/**
 * What a waiter does after a failed attempt: leave with a result or an error, or go on waiting. `againInMs`: how soon it is going to make
 * another call by itself.
 */
export type Decision<T> =
  { readonly leave: T } | { readonly fail: Error; readonly againInMs?: number } | undefined;

/** What follows a failed attempt. */
export interface AfterAttempt {
  /** No attempt of this call follows. */
  readonly isOver: boolean;
  /** The pause before the next one, in ms. */
  readonly pauseMs: number;
}

type Settlement<T> = NonNullable<Decision<T>>;

interface Waiter<T> {
  readonly afterFailure: (error: Error, failures: number, after: AfterAttempt) => Decision<T>;
  readonly settle: (settlement: Settlement<T>) => void;
  failures: number;
}

type State<T> =
  | {
      readonly name: 'open';
      readonly waiters: Set<Waiter<T>>;
      /** Set while the call is failing, so that a newcomer need not wait for the next failure to know. */
      readonly lastFailure?: Error;
    }
  | { readonly name: 'over'; readonly reason?: Error };

/**
 * One call that several callers wait for. Each may leave early; when the last one has left, the call is aborted.
 */
export class SharedCall<T> {
  readonly #abort = new AbortController();
  #state: State<T>;

  /**
   * @param abandoned makes the reason for the abort when nobody waits any more.
   * @param lastFailure how the call before has failed, while this one is held back for that.
   */
  constructor(
    private readonly abandoned: () => Error,
    lastFailure?: Error,
  ) {
    this.#state = { name: 'open', waiters: new Set(), lastFailure };
  }

  /** Begins the work; those who wait are settled when it ends. */
  start(work: (signal: AbortSignal) => Promise<T>): void {
    work(this.#abort.signal).then(
      (result) => this.#finish(() => ({ leave: result })),
      (thrown: unknown) => {
        const error = asError(thrown);
        const after = { isOver: true, pauseMs: 0 };
        this.#finish((waiter) => waiter.afterFailure(error, waiter.failures + 1, after) ?? { fail: error });
      },
    );
  }

  /** Whether a newcomer can still wait for it. */
  get open(): boolean {
    return this.#state.name === 'open';
  }

  /**
   * Waits for the result. After each failed attempt `afterFailure` may decide to leave; it is given the number of failures
   * since this wait began, and what follows. It is asked at once, with 0, when the attempt before this wait has failed.
   * @param signal ends the wait.
   */
  wait(afterFailure: Waiter<T>['afterFailure'], signal?: AbortSignal): Promise<T> {
    const state = this.#state;
    // What it calls may have ended it before its maker came to wait.
    if (state.name === 'over') return Promise.reject(state.reason ?? this.abandoned());
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
      state.waiters.add(waiter);
      if (signal?.aborted) return aborted();
      signal?.addEventListener('abort', aborted, { once: true });
      const decision = state.lastFailure && afterFailure(state.lastFailure, 0, { isOver: false, pauseMs: 0 });
      if (decision) this.#leave(waiter, decision);
    });
  }

  /**
   * An attempt has failed.
   * @returns how soon somebody wants another one, in ms: 0 while one waits for it here, `undefined` if nobody does.
   */
  failed(error: Error, after: AfterAttempt = { isOver: false, pauseMs: 0 }): number | undefined {
    if (this.#state.name === 'over') return undefined;
    const { waiters } = (this.#state = { ...this.#state, lastFailure: error });
    let soonest: number | undefined;
    for (const waiter of [...waiters]) {
      const decided = waiter.afterFailure(error, ++waiter.failures, after);
      const decision = decided ?? (after.isOver ? { fail: error } : undefined);
      const againInMs = decision ? 'fail' in decision && decision.againInMs : 0;
      if (typeof againInMs === 'number') soonest = Math.min(againInMs, soonest ?? Infinity);
      if (decision) this.#leave(waiter, decision);
    }
    return soonest;
  }

  /** Ends the call for everyone who waits. */
  abort(reason: Error): void {
    this.#finish(() => ({ fail: reason }), reason);
    this.#abort.abort(reason);
  }

  #leave(waiter: Waiter<T>, settlement: Settlement<T>): void {
    if (this.#state.name === 'over' || !this.#state.waiters.delete(waiter)) return;
    waiter.settle(settlement);
    if (this.#state.waiters.size === 0) this.abort(this.abandoned());
  }

  #finish(settlementOf: (waiter: Waiter<T>) => Settlement<T>, reason?: Error): void {
    if (this.#state.name === 'over') return;
    const { waiters } = this.#state;
    this.#state = { name: 'over', reason };
    for (const waiter of waiters) waiter.settle(settlementOf(waiter));
  }
}
