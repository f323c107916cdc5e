import { type Clock, duration, knownKeys, systemClock } from '../../base/index.js';
import {
  derived,
  ResolvedUserInfo,
  type UserInfo,
  type UserInfoProvider,
  withValidation,
} from '../../credentials/index.js';

/**
 * How long a result of the provider is used again.
 * @public
 */
export interface CacheOptions {
  /** Gives what it has while that stays valid for longer than this, in ms. Default: 60,000. */
  minRemaining?: number;
  /** How long user info without a known expiry is given, in ms. Default: 0, never. */
  maxAge?: number;
  /**
   * Default: the machine's clock.
   * @internal
   */
  clock?: Clock;
}

/**
 * On a connect or reconnect, gives what the provider gave before while that is fresh. After a rejection, ahead of expiry
 * and for a refresh by hand, it always asks the provider. What was given for one role or registration is not given for another.
 * @throws `OptionsInvalidError`
 * @public
 */
export function withCache(provider: UserInfoProvider, options: CacheOptions = {}): UserInfoProvider {
  knownKeys('cache', options, ['minRemaining', 'maxAge', 'clock']);
  const { clock = systemClock } = options;
  const minRemaining = duration('cache.minRemaining', options.minRemaining ?? 60_000, 0);
  const maxAge = duration('cache.maxAge', options.maxAge ?? 0, 0);
  const valid = withValidation(provider);
  const cache = new Map<string, ResolvedUserInfo>();
  const isFresh = (userInfo: ResolvedUserInfo) =>
    userInfo.expiresAt === undefined
      ? Math.abs(clock.now() - userInfo.resolvedAt) < maxAge
      : userInfo.remaining(clock.now()) > minRemaining;
  return derived(provider, async (request) => {
    const mayReuse = request.reason === 'connect' || request.reason === 'reconnect';
    const key = `${request.role} of ${request.connection}`;
    const cached = cache.get(key);
    if (cached && mayReuse && isFresh(cached)) return givenBefore(cached);
    cache.delete(key);
    const userInfo = new ResolvedUserInfo(await valid.getUserInfo(request), clock.now());
    cache.set(key, userInfo);
    return userInfo.reveal();
  });
}

/** With the expiry that was reckoned when it came: from its second arrival on, a lifetime would count anew. */
function givenBefore(cached: ResolvedUserInfo): UserInfo {
  const { expiresAt } = cached;
  return expiresAt === undefined ? cached.reveal() : { ...cached.reveal(), expiresAt };
}
