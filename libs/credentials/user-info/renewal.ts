import { claimedExpiryOf, knownTime } from './expiry.js';
import type { ResolvedUserInfo } from './resolved-user-info.js';
import type { UserInfo } from './user-info.js';

/** What user info proves an identity with; a signer is a function, and may be another one each time. */
const SECRETS = ['user', 'pass', 'token', 'creds', 'jwt', 'seed', 'nkey'] as const;

/**
 * Whether `next` can take the place of `inUse`, which is going to expire: it expires later, or at no time that is known. JWTs are compared
 * by the clock that wrote both: what is reckoned at their arrival would make a renewal of one that comes a second time.
 */
export function renews(next: ResolvedUserInfo, inUse: ResolvedUserInfo): boolean {
  if (next.expiresAt === undefined || inUse.expiresAt === undefined) return true;
  const [claimed, before] = [claimedExpiryOf(next.reveal()), claimedExpiryOf(inUse.reveal())];
  const areJwts = claimed !== undefined && before !== undefined;
  if (areJwts && sameSecrets(next.reveal(), inUse.reveal())) return false;
  const bySay = [next, inUse].some((userInfo) => knownTime(userInfo.reveal().expiresAt) !== undefined);
  return areJwts && !bySay ? claimed > before : next.expiresAt > inUse.expiresAt;
}

/** Whether both say the same, also about when they expire. */
export function saysTheSame(one: ResolvedUserInfo, other: ResolvedUserInfo): boolean {
  const [a, b] = [one.reveal(), other.reveal()];
  const expiry = ({ expiresAt }: UserInfo) => Number(knownTime(expiresAt) ?? NaN);
  return sameSecrets(a, b) && Object.is(expiry(a), expiry(b));
}

function sameSecrets(one: UserInfo, other: UserInfo): boolean {
  return SECRETS.every((field) => textOf(one[field]) === textOf(other[field]));
}

function textOf(value: string | Uint8Array | undefined): string | undefined {
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value;
}
