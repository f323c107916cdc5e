import { asError, type Clock, describeError, isThenable, systemClock } from '../../base/index.js';
import { UserInfoInvalidError, UserInfoTimeoutError } from '../errors.js';
import { summaryOf, type UserInfoSummary } from '../user-info/resolved-user-info.js';
import type { UserInfo } from '../user-info/user-info.js';
import { called } from './called.js';
import { derived } from './derived.js';
import type { RefreshReason, Role, UserInfoProvider } from './user-info-provider.js';

/** Why a provider call gave no usable user info. */
export type RefreshFailureCause = 'error' | 'timeout' | 'invalid' | 'cancelled';

/**
 * How one provider call ended. It holds no secret.
 * @public
 */
export type TracedCall = {
  readonly connection: string;
  readonly reason: RefreshReason;
  readonly role: Role | 'shared';
  readonly attempt: number;
  readonly durationMs: number;
} & (
  | { readonly userInfo: UserInfoSummary; readonly error?: undefined }
  | { readonly userInfo?: undefined; readonly cause: RefreshFailureCause; readonly error: Error }
);

/**
 * Tells how each call of the provider ended: kind and expiry of what it gave, or its failure. What the listener throws is
 * a process warning.
 * @public
 */
export function withTracing(
  provider: UserInfoProvider,
  listener: (call: TracedCall) => void,
  clock: Clock = systemClock,
): UserInfoProvider {
  const tell = (call: TracedCall) => {
    try {
      listener(call);
    } catch (error) {
      // A listener must not make a call fail, nor be told of the call a second time.
      process.emitWarning(`A listener of withTracing() threw: ${describeError(error)}`);
    }
  };
  return derived(provider, (request) => {
    const { connection, reason, role, attempt } = request;
    const startedAt = performance.now();
    const failed = (thrown: unknown): never => {
      const error = asError(thrown);
      const durationMs = performance.now() - startedAt;
      const cause = causeOf(error, request.signal);
      tell({ connection, reason, role, attempt, durationMs, cause, error });
      throw error;
    };
    const answered = (userInfo: UserInfo) => {
      const durationMs = performance.now() - startedAt;
      let summary: UserInfoSummary;
      try {
        summary = summaryOf(userInfo, clock.now());
      } catch (thrown) {
        return failed(thrown);
      }
      tell({ connection, reason, role, attempt, durationMs, userInfo: summary });
      return userInfo;
    };
    const answer = called(provider, request);
    return isThenable(answer) ? Promise.resolve(answer).then(answered, failed) : answered(answer);
  });
}

function causeOf(error: Error, signal: AbortSignal): RefreshFailureCause {
  if (error instanceof UserInfoTimeoutError) return 'timeout';
  if (error instanceof UserInfoInvalidError) return 'invalid';
  return signal.aborted ? 'cancelled' : 'error';
}
