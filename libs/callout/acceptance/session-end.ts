import { RefusedError } from '../errors.js';

/**
 * When a session ends, in ms since the epoch: in whole seconds, as JWTs have them, and never later than allowed.
 * @param expiresAt what the authorizer says.
 * @param maxSession in ms.
 * @param now in ms since the epoch.
 * @throws {@link RefusedError} it would have ended already, or does so before a second begins.
 */
export function sessionEnd(expiresAt: number | undefined, maxSession: number, now: number): number {
  const end = Math.floor(Math.min(expiresAt ?? Infinity, now + maxSession) / 1_000) * 1_000;
  if (end > now) return end;
  throw new RefusedError('What was presented has expired, or does so within a second.', {
    reason: 'expired',
  });
}
