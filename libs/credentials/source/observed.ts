import { asError, UserInfoInvalidError, UserInfoTimeoutError } from '../errors.js';
import type { Emitter } from '../emitter.js';
import type { UserInfoProvider } from '../provider/user-info-provider.js';
import type { Clock } from '../time/clock.js';
import { ResolvedUserInfo } from '../user-info/resolved-user-info.js';
import type { CredentialEvents, RefreshFailureCause } from './events.js';

/** Tells how each call of the provider ended. */
export function observed(
  provider: UserInfoProvider,
  events: Emitter<CredentialEvents>,
  clock: Clock,
): UserInfoProvider {
  return {
    getUserInfo: async (request) => {
      const { connection, reason, role, attempt } = request;
      const startedAt = performance.now();
      const call = () => ({ connection, reason, role, attempt, durationMs: performance.now() - startedAt });
      try {
        const userInfo = await provider.getUserInfo(request);
        events.emit('refreshed', {
          ...call(),
          userInfo: new ResolvedUserInfo(userInfo, clock.now()).toJSON(),
        });
        return userInfo;
      } catch (thrown) {
        const error = asError(thrown);
        events.emit('refreshFailed', { ...call(), cause: causeOf(error, request.signal), error });
        throw error;
      }
    },
  };
}

function causeOf(error: Error, signal: AbortSignal): RefreshFailureCause {
  if (error instanceof UserInfoTimeoutError) return 'timeout';
  if (error instanceof UserInfoInvalidError) return 'invalid';
  return signal.aborted ? 'cancelled' : 'error';
}
