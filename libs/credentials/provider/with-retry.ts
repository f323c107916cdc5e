import { asError, isRetryable } from '../errors.js';
import { type Backoff, backoffDelay } from '../time/backoff.js';
import { type Clock, sleep } from '../time/clock.js';
import type { UserInfoProvider } from './user-info-provider.js';

/** How a failing provider is called again. */
export interface RetryPolicy extends Backoff {
  readonly clock: Clock;
  readonly random: () => number;
  /** Hears each failure that will be retried, before the wait. */
  readonly onRetry?: (error: Error, failures: number) => void;
}

/**
 * Calls the provider until it succeeds, the request's signal aborts, or it throws an error that is not retryable.
 * Who asks decides how many failures are enough, by aborting.
 */
export function withRetry(provider: UserInfoProvider, policy: RetryPolicy): UserInfoProvider {
  return {
    getUserInfo: async (request) => {
      let { previousError } = request;
      for (let attempt = request.attempt; ; attempt++) {
        try {
          return await provider.getUserInfo({ ...request, attempt, previousError });
        } catch (thrown) {
          const error = asError(thrown);
          if (request.signal.aborted || !isRetryable(error)) throw error;
          previousError = error;
          policy.onRetry?.(error, attempt);
          await sleep(policy.clock, backoffDelay(policy, attempt, policy.random), request.signal);
        }
      }
    },
  };
}
