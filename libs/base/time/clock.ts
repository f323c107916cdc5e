/** The longest delay that a Node.js timer can hold, in ms. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Time as the policies see it; tests and simulations bring their own. */
export interface Clock {
  /** Wall-clock time in ms since the epoch. */
  now(): number;
  /** Time that has passed since some moment, in ms: a wall clock that is set does not change it. */
  elapsed(): number;
  /** Calls `callback` after `delayMs` (at most 2³¹ − 1); the returned function cancels. */
  after(delayMs: number, callback: () => void): () => void;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Waits `delayMs`; rejects with the signal's reason as soon as it aborts. */
export function sleep(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      cancel();
      reject(signal.reason as Error);
    };
    const cancel = clock.after(delayMs, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
