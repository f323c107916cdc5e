import { jwtExpiry } from '../../credentials/index.js';

const SECONDS = /^\d+(\.\d+)?$/;

/**
 * When a token expires, in ms since the epoch, by the `expires_in` of the answer: seconds, which some servers write as a text.
 * Servers also write `null`, 0, -1 or 2⁶³ - 1 when a token has no end: what is no lifetime counts as absent, and the token's own `exp` says
 * more. `undefined`: not known.
 */
export function tokenExpiry(token: string, expiresIn: unknown, askedAt: number): number | undefined {
  const seconds =
    typeof expiresIn === 'string' && SECONDS.test(expiresIn.trim()) ? Number(expiresIn) : expiresIn;
  if (typeof seconds !== 'number' || !(seconds > 0)) return jwtExpiry(token, askedAt);
  const expiresAt = askedAt + seconds * 1_000;
  const isDate = !Number.isNaN(new Date(expiresAt).getTime());
  return isDate ? expiresAt : jwtExpiry(token, askedAt);
}
