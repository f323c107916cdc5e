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
    const { signal } = abort;
    const cancelled = () => abort.abort(request.signal.reason);
    request.signal.addEventListener('abort', cancelled, { once: true });
    const cancelTimer = clock.after(timeoutMs, () => abort.abort(new UserInfoTimeoutError(timeoutMs)));
    try {
      // The provider comes second: it may reject with an error of its own when it hears of the abort.
      return await Promise.race([rejectOnAbort(signal), provider.getUserInfo({ ...request, signal })]);
    } finally {
      cancelTimer();
      request.signal.removeEventListener('abort', cancelled);
    }
  });
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
