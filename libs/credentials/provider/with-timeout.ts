import { UserInfoTimeoutError } from '../errors.js';
import { type Clock, duration, isThenable, LateAbort, systemClock } from '../../base/index.js';
import type { UserInfo } from '../user-info/user-info.js';
import { derived } from './derived.js';
import { called } from './called.js';
import { LateRequest } from './late-request.js';
import type { UserInfoProvider } from './user-info-provider.js';

/**
 * Bounds one call to `timeoutMs`. On time-out and when the request's signal aborts, the signal that the provider got
 * aborts too, the call fails at once, and whatever the provider returns later is dropped.
 * @throws `OptionsInvalidError` when `timeoutMs` is no number that a timer can hold; its calls throw `UserInfoTimeoutError`.
 * @public
 */
export function withTimeout(
  provider: UserInfoProvider,
  timeoutMs: number,
  clock: Clock = systemClock,
): UserInfoProvider {
  const bounded = bound(provider, duration('withTimeout', timeoutMs, 1), clock);
  return derived(provider, (request) =>
    request.signal.aborted ? Promise.reject(request.signal.reason as Error) : bounded.getUserInfo(request),
  );
}

/**
 * `withTimeout()` for callers that know the request not to be aborted. A provider that answers at once needs neither
 * timer nor signal, which would cost as much as all else of the call; so nobody looks at the request's signal here.
 */
export function bound(provider: UserInfoProvider, timeoutMs: number, clock: Clock): UserInfoProvider {
  return derived(provider, (request) => {
    const abort = new LateAbort();
    const answer = called(provider, new LateRequest(request, abort));
    if (!isThenable(answer)) return answer;
    const { signal } = request;
    return new Promise<UserInfo>((resolve, reject) => {
      const fail = (error: Error) => {
        settled();
        reject(error);
        abort.abort(error);
      };
      const cancelled = () => fail(signal.reason as Error);
      const cancelTimer = clock.after(timeoutMs, () => fail(new UserInfoTimeoutError(timeoutMs)));
      const settled = () => {
        cancelTimer();
        signal.removeEventListener('abort', cancelled);
      };
      signal.addEventListener('abort', cancelled, { once: true });
      // While it was called, the provider may have made the request's maker give up.
      if (signal.aborted) cancelled();
      Promise.resolve(answer).finally(settled).then(resolve, reject);
    });
  });
}
