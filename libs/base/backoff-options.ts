import { duration, number } from './option-checks.js';
import type { Backoff } from './time/backoff.js';

/**
 * Exponential backoff with full jitter: each delay is uniform between 0 and a bound that grows.
 * @public
 */
export interface BackoffOptions {
  /** Bound of the first delay. Default: 250, and 100 for `rejection`. */
  initialDelay?: number;
  /** Bound of every delay; not less than `initialDelay`. Default: 30,000. */
  maxDelay?: number;
  /** What the bound is multiplied by after each failure; 1 or more. Default: 2. */
  factor?: number;
}

/** Checks backoff options and fills in the defaults. */
export function backoffSettings(
  option: string,
  options: BackoffOptions,
  defaultInitialDelay: number,
): Backoff {
  const initialDelay = duration(`${option}.initialDelay`, options.initialDelay ?? defaultInitialDelay, 0);
  const maxDelay = duration(
    `${option}.maxDelay`,
    options.maxDelay ?? Math.max(30_000, initialDelay),
    initialDelay,
  );
  const factor = number(`${option}.factor`, options.factor ?? 2, 1, Infinity, 'a number of 1 or more');
  return { initialDelay, maxDelay, factor };
}
