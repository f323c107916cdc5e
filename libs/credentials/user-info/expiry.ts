import { jwtClaims } from '../../base/index.js';
import { parseCreds } from './creds.js';
import type { UserInfo } from './user-info.js';

/** The last moment that a `Date` can hold, in ms since the epoch. */
export const LATEST_TIME_MS = 8.64e15;

/** The year 1973 in seconds since the epoch: what is less is no moment in either unit. */
const EARLIEST_TIME_S = 1e8;
const NUMBER = /^[-+]?\d+(\.\d+)?(e[-+]?\d+)?$/i;

/** A JWT that has no more than this left by our clock is not believed to be that old, in ms: no refresh could come ahead of its end. */
const LEAST_REMAINING_MS = 1_000;

/**
 * When user info expires in ms since the epoch: what it says itself, else the earliest end of its JWTs.
 * @param arrivedAt when the provider gave it, in ms since the epoch by our clock.
 */
export function expiryOf(userInfo: UserInfo, arrivedAt: number): number | undefined {
  const said = knownTime(userInfo.expiresAt);
  return said === undefined ? earliest(userInfo, (text) => jwtExpiry(text, arrivedAt)) : Number(said);
}

/** The earliest `exp` of its JWTs as their issuers wrote it, in ms since the epoch by their clock. */
export function claimedExpiryOf(userInfo: UserInfo): number | undefined {
  return earliest(userInfo, (text) => timeOf(jwtClaims(text).exp));
}

function earliest(userInfo: UserInfo, expiry: (jwt: string) => number | undefined): number | undefined {
  const creds = userInfo.creds === undefined ? undefined : parseCreds(userInfo.creds)?.jwt;
  const ends = [creds, userInfo.jwt, userInfo.pass, userInfo.token]
    .map((text) => (text === undefined ? undefined : expiry(text)))
    .filter((end) => end !== undefined);
  return ends.length > 0 ? Math.min(...ends) : undefined;
}

/**
 * When a JWT expires by our clock, in ms since the epoch; `undefined` for any other text. The signature is not checked.
 *
 * That is its `exp`, unless the clock of who issued it differs beyond doubt: it was issued in the future, or has ended on arrival, give or
 * take a second. Then its lifetime, `exp − iat`, counts from its arrival. A JWT that a cache has kept for a while looks like one from a clock
 * that is behind ours: while some of it is left, `exp` is the earlier one of the two, and safe.
 */
export function jwtExpiry(text: string, arrivedAt: number): number | undefined {
  const { exp, iat } = jwtClaims(text);
  const expiresAt = timeOf(exp);
  const issuedAt = timeOf(iat);
  if (expiresAt === undefined || issuedAt === undefined || issuedAt >= expiresAt) return expiresAt;
  const clocksDiffer = issuedAt > arrivedAt || expiresAt - arrivedAt <= LEAST_REMAINING_MS;
  return clocksDiffer ? arrivedAt + expiresAt - issuedAt : expiresAt;
}

/** A claim that is a time in seconds, in ms; NATS writes 0 for never. */
function timeOf(claim: unknown): number | undefined {
  return typeof claim === 'number' && claim > 0 && claim * 1000 <= LATEST_TIME_MS ? claim * 1000 : undefined;
}

/**
 * A moment as a provider gave it. What is none counts as not known: issuers and caches write `null`, 0, -1, infinity or 2⁶³ - 1
 * for "never", and a lifetime where a moment belongs, and a credential that the server may accept is worth more than that.
 */
export function knownTime(given: unknown): unknown {
  if (given === null) return undefined;
  const time = typeof given === 'string' && NUMBER.test(given) ? Number(given) : given;
  if (typeof time !== 'number' && !(time instanceof Date)) return time;
  return Number(time) >= EARLIEST_TIME_S && Number(time) <= LATEST_TIME_MS ? time : undefined;
}
