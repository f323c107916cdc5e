import { asError, type Clock, describeError, systemClock } from '../../base/index.js';
import type { RefreshReason } from '../cause.js';
import { UserInfoInvalidError, UserInfoNotNewerError, UserInfoTimeoutError } from '../errors.js';
import { summaryOf, type UserInfoSummary } from '../user-info/resolved-user-info.js';
import { derived } from './derived.js';
import type { UserInfo } from '../user-info/user-info.js';
import type { Role, UserInfoProvider, UserInfoRequest } from './user-info-provider.js';

/** Why a provider call gave no usable user info. */
export type RefreshFailureCause = 'error' | 'timeout' | 'invalid' | 'cancelled' | 'not_newer';

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
): UserInfoProvider;
/** @internal */
export function withTracing(
  provider: UserInfoProvider,
  listener: (call: TracedCall) => void,
  // eslint-disable-next-line @typescript-eslint/unified-signatures -- what is published has no clock
  clock: Clock,
): UserInfoProvider;
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
  return derived(provider, async (request) => {
    const ended = await tracedCall(provider, request, clock);
    tell(ended.call);
    if (!ended.given) throw ended.call.error;
    return ended.given;
  });
}

/** How a call ended, and what it gave. */
export type EndedCall =
  | { readonly given: UserInfo; readonly call: Extract<TracedCall, { error?: undefined }> }
  | { readonly given?: undefined; readonly call: Extract<TracedCall, { error: Error }> };

/** Calls the provider; its failure is returned as well. */
export async function tracedCall(
  provider: UserInfoProvider,
  request: UserInfoRequest,
  clock: Clock,
): Promise<EndedCall> {
  const { connection, reason, role, attempt, signal } = request;
  const startedAt = performance.now();
  const told = () => ({ connection, reason, role, attempt, durationMs: performance.now() - startedAt });
  try {
    const given = await provider.getUserInfo(request);
    return { given, call: { ...told(), userInfo: summaryOf(given, clock.now()) } };
  } catch (thrown) {
    const error = asError(thrown);
    return { call: { ...told(), cause: causeOf(error, signal), error } };
  }
}

function causeOf(error: Error, signal: AbortSignal): RefreshFailureCause {
  if (error instanceof UserInfoTimeoutError) return 'timeout';
  if (error instanceof UserInfoInvalidError) return 'invalid';
  if (error instanceof UserInfoNotNewerError) return 'not_newer';
  return signal.aborted ? 'cancelled' : 'error';
}
