import { type Clock, duration, systemClock } from '../../base/index.js';
import { UserInfoTimeoutError } from '../errors.js';
import { derived } from './derived.js';
import type { UserInfoProvider } from './user-info-provider.js';

/**
 * Bounds one call to `timeoutMs`. On time-out and when the request's signal aborts, the signal that the provider got
 * aborts too, the call fails at once, and whatever the provider returns later is dropped.
 * @throws `OptionsInvalidError` when `timeoutMs` is no number that a timer can hold; its calls throw `UserInfoTimeoutError`.
 * @public
 */
export function withTimeout(provider: UserInfoProvider, timeoutMs: number): UserInfoProvider;
/** @internal */
// eslint-disable-next-line @typescript-eslint/unified-signatures -- what is published has no clock
export function withTimeout(provider: UserInfoProvider, timeoutMs: number, clock: Clock): UserInfoProvider;
export function withTimeout(
  provider: UserInfoProvider,
  timeoutMs: number,
  clock: Clock = systemClock,
): UserInfoProvider {
  duration('withTimeout', timeoutMs, 1);
  return derived(provider, async (request) => {
    request.signal.throwIfAborted();
    const abort = new AbortController();
    let end = (_reason: Error) => {};
    const ended = new Promise<never>((_resolve, reject) => {
      end = (reason) => {
        // First: the provider may reject with an error of its own when it hears of the abort.
        reject(reason);
        abort.abort(reason);
      };
    });
    const cancelled = () => end(request.signal.reason as Error);
    request.signal.addEventListener('abort', cancelled, { once: true });
    const cancelTimer = clock.after(timeoutMs, () => end(new UserInfoTimeoutError(timeoutMs)));
    try {
      return await Promise.race([ended, provider.getUserInfo({ ...request, signal: abort.signal })]);
    } finally {
      cancelTimer();
      request.signal.removeEventListener('abort', cancelled);
    }
  });
}
