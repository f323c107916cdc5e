import { setTimeout as delay } from 'node:timers/promises';

import { describeError } from '../base/index.js';
import { isBadPortError } from './bad-ports.js';

/** How long and how often to look. */
export interface EventuallyOptions {
  /** What is waited for, for the error. */
  readonly what?: string;
  /** Deadline in ms. Default: 10,000. */
  readonly timeoutMs?: number;
  /** Time between two looks in ms. Default: 20. */
  readonly everyMs?: number;
}

const BAD_PORT =
  'fetch refuses the port as a "bad port" (https://fetch.spec.whatwg.org/#port-blocking). Take one from freePort().';

/**
 * Polls `check` until it returns something truthy, and returns that. A check that throws counts as not yet; one that has
 * not ended by the deadline is left to itself.
 * @throws {Error} after the deadline, with what the last look threw as `cause`; at once when `fetch` refuses the port that
 * `check` asks.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { what = 'the condition', timeoutMs = 10_000, everyMs = 20 }: EventuallyOptions = {},
): Promise<NonNullable<T>> {
  // Not by the wall clock, which a test may set.
  const deadline = performance.now() + timeoutMs;
  let failure: unknown;
  for (;;) {
    try {
      const looking = check();
      const result = looking instanceof Promise ? await orLate(looking, deadline, failure) : looking;
      if (result) return result;
      failure = undefined;
    } catch (error) {
      if (isBadPortError(error))
        throw new Error(`Waiting for ${what} is in vain: ${BAD_PORT}`, { cause: error });
      failure = error;
    }
    if (performance.now() >= deadline) {
      const why = failure === undefined ? '.' : `: ${describeError(failure)}`;
      throw new Error(`Waited ${timeoutMs} ms for ${what} in vain${why}`, { cause: failure });
    }
    await delay(everyMs);
  }
}

/** What is still looking at the deadline fails as the look before it did. */
async function orLate<T>(looking: Promise<T>, deadline: number, before: unknown): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const failure = before instanceof Error ? before : new Error('the last look did not end');
    timer = setTimeout(() => reject(failure), Math.max(0, deadline - performance.now()));
  });
  try {
    return await Promise.race([looking, late]);
  } finally {
    clearTimeout(timer);
  }
}
