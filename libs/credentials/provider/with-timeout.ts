import { UserInfoTimeoutError } from '../errors.js';
import { type Clock, systemClock } from '../time/clock.js';
import type { UserInfo } from '../user-info/user-info.js';
import { derived } from './derived.js';
import { isThenable } from './is-thenable.js';
import type { UserInfoProvider, UserInfoRequest } from './user-info-provider.js';

/**
 * Bounds one call to `timeoutMs`. On time-out and when the request's signal aborts, the signal that the provider got
 * aborts too, the call fails at once, and whatever the provider returns later is dropped.
 * @throws `UserInfoTimeoutError`
 * @public
 */
export function withTimeout(
  provider: UserInfoProvider,
  timeoutMs: number,
  clock: Clock = systemClock,
): UserInfoProvider {
  return derived(provider, (request) => {
    if (request.signal.aborted) return Promise.reject(request.signal.reason as Error);
    const signal = new LateSignal();
    const answer = call(provider, signal.shownIn(request));
    // A provider that answers at once needs neither timer nor signal: they would cost as much as all else of the call.
    if (!isThenable(answer)) return answer;
    return new Promise<UserInfo>((resolve, reject) => {
      const fail = (error: Error) => {
        settled();
        reject(error);
        signal.abort(error);
      };
      const cancelled = () => fail(request.signal.reason as Error);
      const cancelTimer = clock.after(timeoutMs, () => fail(new UserInfoTimeoutError(timeoutMs)));
      const settled = () => {
        cancelTimer();
        request.signal.removeEventListener('abort', cancelled);
      };
      request.signal.addEventListener('abort', cancelled, { once: true });
      Promise.resolve(answer).finally(settled).then(resolve, reject);
    });
  });
}

/** An abort signal that is made when somebody looks at it. */
class LateSignal {
  #controller?: AbortController;
  #reason?: Error;

  /** The request with this signal in the place of its own. */
  shownIn(request: UserInfoRequest): UserInfoRequest {
    const signal = () => this.#signal();
    return {
      ...request,
      get signal() {
        return signal();
      },
    };
  }

  abort(reason: Error): void {
    this.#reason = reason;
    this.#controller?.abort(reason);
  }

  #signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }
}

/** A provider that throws is one that rejects. */
function call(provider: UserInfoProvider, request: UserInfoRequest): UserInfo | Promise<UserInfo> {
  try {
    return provider.getUserInfo(request);
  } catch (error) {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- As it was thrown.
    return Promise.reject(error);
  }
}
