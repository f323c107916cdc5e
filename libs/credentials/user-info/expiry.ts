import { parseCreds } from './creds.js';
import type { UserInfo } from './user-info.js';

/** The last moment that a `Date` can hold, in ms since the epoch. */
export const LATEST_TIME_MS = 8.64e15;

/** The year 1973 in seconds since the epoch: what is less is no moment in either unit. */
const EARLIEST_TIME_S = 1e8;
const NUMBER = /^[-+]?\d+(\.\d+)?(e[-+]?\d+)?$/i;

/** When user info expires in ms since the epoch: what it says itself, else the earliest `exp` of its JWTs. */
export function expiryOf(userInfo: UserInfo): number | undefined {
  const said = knownTime(userInfo.expiresAt);
  if (said !== undefined) return Number(said);
  const creds = userInfo.creds === undefined ? undefined : parseCreds(userInfo.creds)?.jwt;
  let earliest: number | undefined;
  for (const text of [creds, userInfo.jwt, userInfo.pass, userInfo.token]) {
    const expiry = text === undefined ? undefined : jwtExpiry(text);
    if (expiry !== undefined && (earliest === undefined || expiry < earliest)) earliest = expiry;
  }
  return earliest;
}

/** The `exp` claim of a JWT in ms since the epoch; `undefined` for any other text. The signature is not checked. */
export function jwtExpiry(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 3 || !parts[1]) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1], 'base64url').toString('utf8'));
    const exp = typeof claims === 'object' && claims !== null && 'exp' in claims ? claims.exp : undefined;
    return typeof exp === 'number' && exp > 0 && exp * 1000 <= LATEST_TIME_MS ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
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
