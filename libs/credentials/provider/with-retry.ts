import {
  asError,
  backoffDelay,
  type BackoffOptions,
  backoffSettings,
  type Clock,
  count,
  isRetryable,
  retryAfter,
  sleep,
  systemClock,
} from '../../base/index.js';
import { derived } from './derived.js';
import type { UserInfoProvider } from './user-info-provider.js';

/**
 * How a failing provider is called again.
 * @public
 */
export interface RetryPolicy extends BackoffOptions {
  /** Calls in all, the first one with them; 1 or more. Default: Infinity, until the request's signal aborts. */
  readonly maxAttempts?: number;
  /** Hears each failure that will be retried, before the wait. */
  readonly onRetry?: (error: Error, failures: number) => void;
  /**
   * Default: the machine's clock.
   * @internal
   */
  readonly clock?: Clock;
  /**
   * Numbers from 0 to 1 for jitter. Default: `Math.random`.
   * @internal
   */
  readonly random?: () => number;
}

/**
 * Calls the provider until it succeeds, has failed `maxAttempts` times, the request's signal aborts, or it throws an
 * error that is not retryable. Between two calls there is a backoff with full jitter: 250 ms that double up to 30 s by
 * default. An error with `retryAfterMs` is waited for at least that long, as the HTTP header `Retry-After` asks.
 * @throws `OptionsInvalidError`
 * @public
 */
export function withRetry(provider: UserInfoProvider, policy: RetryPolicy = {}): UserInfoProvider {
  const { maxAttempts = Infinity, clock = systemClock, random = Math.random, onRetry } = policy;
  count('withRetry.maxAttempts', maxAttempts);
  const backoff = backoffSettings('withRetry', policy, 250);
  return derived(provider, async (request) => {
    let { attempt, previousError } = request;
    for (let failures = 1; ; failures++, attempt++) {
      try {
        return await provider.getUserInfo({ ...request, attempt, previousError });
      } catch (thrown) {
        const error = asError(thrown);
        if (request.signal.aborted || !isRetryable(error) || failures >= maxAttempts) throw error;
        previousError = error;
        onRetry?.(error, failures);
        const delay = Math.max(backoffDelay(backoff, failures, random), retryAfter(error));
        await sleep(clock, delay, request.signal);
      }
    }
  });
}
