import { scrub } from '../../base/index.js';
import type { AcceptedAdmission } from '../acceptance/accepted-admission.js';
import { encodeJwt } from '../jwt/encode-jwt.js';
import type { AccountSigner } from '../keys/account-signer.js';

/** Enough for a line of a server's log. */
const LONGEST_ERROR = 256;
const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;

/**
 * The user JWT of a client that is admitted.
 * @param userNkey the key that the server made for it.
 * @param issuer signs it where the account has no key of its own, which is so in config mode.
 * @throws {@link SigningFailedError}
 */
export function userJwt(
  accepted: AcceptedAdmission,
  userNkey: string,
  issuer: AccountSigner,
): Promise<string> {
  const { name, audience, claims, issuedAt, expiresAt } = accepted;
  const signer = accepted.signer ?? issuer;
  return encodeJwt(
    {
      sub: userNkey,
      ...(audience !== undefined && { aud: audience }),
      name,
      iat: seconds(issuedAt),
      exp: seconds(expiresAt),
      nats: { ...claims, ...issuerAccount(signer) },
    },
    signer,
  );
}

/**
 * The answer to a request.
 * @param outcome a user JWT, or why the client is refused, for the server's log.
 * @param to the key of the client in the request, and the server that asks.
 * @param now in ms since the epoch.
 * @throws {@link SigningFailedError}
 */
export async function answerWith(
  outcome: { readonly jwt: string } | { readonly error: string },
  to: { readonly userNkey: string; readonly serverId: string },
  issuer: AccountSigner,
  now = Date.now(),
): Promise<Uint8Array> {
  const answer = 'jwt' in outcome ? { jwt: outcome.jwt } : { error: forLog(outcome.error) };
  const jwt = await encodeJwt(
    {
      sub: to.userNkey,
      aud: to.serverId,
      iat: seconds(now),
      nats: { type: 'authorization_response', version: 2, ...answer, ...issuerAccount(issuer) },
    },
    issuer,
  );
  return Buffer.from(jwt, 'latin1');
}

/** In one line, never empty: a server takes an answer that has neither JWT nor error for a broken one. */
function forLog(error: string): string {
  const line = scrub(error).replace(CONTROL, ' ').trim();
  if (line === '') return 'refused';
  return line.length > LONGEST_ERROR ? `${line.slice(0, LONGEST_ERROR)}…` : line;
}

function issuerAccount({ delegated, account }: AccountSigner): { issuer_account?: string } {
  return delegated ? { issuer_account: account } : {};
}

function seconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
