import { parseCreds } from './creds.js';
import type { UserInfo } from './user-info.js';

/** The last moment that a `Date` can hold, in ms since the epoch. */
export const LATEST_TIME_MS = 8.64e15;

/** When user info expires in ms since the epoch: what it says itself, else the earliest `exp` of its JWTs. */
export function expiryOf(userInfo: UserInfo): number | undefined {
  if (userInfo.expiresAt !== undefined) return Number(userInfo.expiresAt);
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
  const { exp } = jwtClaims(text);
  return typeof exp === 'number' && exp > 0 && exp * 1000 <= LATEST_TIME_MS ? exp * 1000 : undefined;
}

/** The claims of a JWT; none of any other text. The signature is not checked. */
export function jwtClaims(text: string): { readonly exp?: unknown; readonly sub?: unknown } {
  const parts = text.split('.');
  if (parts.length !== 3 || !parts[1]) return {};
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1], 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? claims : {};
  } catch {
    return {};
  }
}
