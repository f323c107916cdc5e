import { UserInfoTimeoutError } from '../errors.js';
import { type Clock, systemClock } from '../time/clock.js';
import type { UserInfo } from '../user-info/user-info.js';
import { derived } from './derived.js';
import type { UserInfoProvider } from './user-info-provider.js';

/**
 * Bounds one call to `timeoutMs`. On time-out and when the request's signal aborts, the signal that the provider got
 * aborts too, the call fails at once, and whatever the provider returns later is dropped.
 * @throws {@link UserInfoTimeoutError}
 * @public
 */
export function withTimeout(
  provider: UserInfoProvider,
  timeoutMs: number,
  clock: Clock = systemClock,
): UserInfoProvider {
  return derived(
    provider,
    (request) =>
      new Promise<UserInfo>((resolve, reject) => {
        const controller = new AbortController();
        const fail = (error: Error) => {
          settled();
          reject(error);
          controller.abort(error);
        };
        const cancelled = () => fail(request.signal.reason as Error);
        const cancelTimer = clock.after(timeoutMs, () => fail(new UserInfoTimeoutError(timeoutMs)));
        const settled = () => {
          cancelTimer();
          request.signal.removeEventListener('abort', cancelled);
        };
        if (request.signal.aborted) return cancelled();
        request.signal.addEventListener('abort', cancelled, { once: true });
        // The async wrapper turns a provider that throws synchronously into one that rejects.
        (async () => provider.getUserInfo({ ...request, signal: controller.signal }))()
          .finally(settled)
          .then(resolve, reject);
      }),
  );
}
