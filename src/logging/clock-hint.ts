import { duration } from './words.js';

/** So far from the expiry that was reckoned with, a server of the same time does not end a connection; in ms. */
const FAR_FROM_EXPIRY_MS = 5_000;

/** Whether a server ended a connection as expired at a moment that tells of clocks that differ. */
export function isFarFromExpiry(afterExpiryMs: number | undefined): afterExpiryMs is number {
  return afterExpiryMs !== undefined && Math.abs(afterExpiryMs) >= FAR_FROM_EXPIRY_MS;
}

export function clockHint(afterExpiryMs: number): string {
  const off = duration(Math.abs(afterExpiryMs));
  return (
    `the server ended the connection as expired ${off} ${afterExpiryMs < 0 ? 'before' : 'after'} the expiry of its credentials by the` +
    ` clock of this machine: compare the clocks of this machine, of the server and of who issues the credentials. If the clocks agree, an` +
    ` auth callout may give less time than the credentials have: let the provider return 'expiresAt'. (Told once.)`
  );
}
