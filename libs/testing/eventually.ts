import { setTimeout as delay } from 'node:timers/promises';

/** How long and how often to look. */
export interface EventuallyOptions {
  /** What is waited for, for the error. */
  readonly what?: string;
  /** Deadline in ms. Default: 10,000. */
  readonly timeoutMs?: number;
  /** Time between two looks in ms. Default: 20. */
  readonly everyMs?: number;
}

/**
 * Polls `check` until it returns something truthy, and returns that. A check that throws counts as not yet.
 * @throws {Error} after the deadline, with what the last look threw as `cause`.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { what = 'the condition', timeoutMs = 10_000, everyMs = 20 }: EventuallyOptions = {},
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let failure: unknown;
    try {
      const result = await check();
      if (result) return result;
    } catch (error) {
      failure = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`Waited ${timeoutMs} ms for ${what} in vain.`, { cause: failure });
    }
    await delay(everyMs);
  }
}
