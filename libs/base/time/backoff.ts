/** Exponential backoff with full jitter. */
export interface Backoff {
  /** Upper bound of the first delay, in ms. */
  readonly initialDelay: number;
  /** Upper bound of every delay, in ms. */
  readonly maxDelay: number;
  /** What the upper bound grows by from one delay to the next. */
  readonly factor: number;
}

/**
 * The delay in ms before the retry that follows `failures` consecutive failures (1, 2, …): uniform between 0 and
 * the exponential bound. Full jitter spreads a fleet that failed at the same moment.
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffDelay(backoff: Backoff, failures: number, random: () => number): number {
  // 0 × ∞ is no number: after a thousand failures, the power is infinite.
  if (backoff.initialDelay === 0) return 0;
  const bound = Math.min(backoff.maxDelay, backoff.initialDelay * backoff.factor ** (failures - 1));
  return Math.round(bound * random());
}
