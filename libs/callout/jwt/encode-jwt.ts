import { hash } from 'node:crypto';

import type { AccountSigner } from '../keys/account-signer.js';

/** What a callout signs. Times are in whole seconds since the epoch. */
export interface SignedClaims {
  readonly sub: string;
  readonly aud?: string;
  readonly name?: string;
  readonly iat: number;
  readonly exp?: number;
  readonly nats: UserClaims | AuthorizationResponse;
}

/** What a user may do. */
export interface UserClaims {
  readonly type: 'user';
  readonly version: 2;
  readonly issuer_account?: string;
  readonly tags?: readonly string[];
  readonly pub?: PermissionClaims;
  readonly sub?: PermissionClaims;
  /** `ttl` is in nanoseconds; below 0 there is no limit. */
  readonly resp?: { readonly max: number; readonly ttl: number };
  /** Without them, a user that no template describes could have no subscription and send no byte; -1 is no limit. */
  readonly subs?: -1;
  readonly data?: -1;
  readonly payload?: -1;
}

export interface PermissionClaims {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

export interface AuthorizationResponse {
  readonly type: 'authorization_response';
  readonly version: 2;
  readonly issuer_account?: string;
  readonly jwt?: string;
  readonly error?: string;
}

const HEADER = base64url('{"typ":"JWT","alg":"ed25519-nkey"}');
/** As a number of seconds this is the year 5138; as a number of ms, 1973. */
const LATEST_SECOND = 100_000_000_000;

/**
 * @throws RangeError a number is none that JSON and NATS have.
 * @throws {@link SigningFailedError}
 */
export async function encodeJwt(claims: SignedClaims, signer: AccountSigner): Promise<string> {
  checkNumbers(claims);
  const whole = JSON.stringify({ ...claims, iss: signer.publicKey });
  const jti = hash('sha256', whole, 'base64url');
  // As text, so that the claims are serialized once.
  const signed = `${HEADER}.${base64url(`{"jti":"${jti}",${whole.slice(1)}`)}`;
  const signature = await signer.sign(Buffer.from(signed, 'latin1'));
  return `${signed}.${base64url(signature)}`;
}

function checkNumbers({ iat, exp, nats }: SignedClaims): void {
  wholeSeconds('iat', iat);
  wholeSeconds('exp', exp);
  if (nats.type !== 'user' || !nats.resp) return;
  finite('max', nats.resp.max);
  finite('ttl', nats.resp.ttl);
}

function wholeSeconds(name: string, value: number | undefined): void {
  if (value === undefined || (Number.isInteger(value) && value > 0 && value < LATEST_SECOND)) return;
  throw new RangeError(`'${name}' of a JWT is a whole number of seconds since 1970, and not ${value}.`);
}

/** JSON would have `null` in their place, which means no limit. */
function finite(name: string, value: number): void {
  if (!Number.isFinite(value)) throw new RangeError(`'${name}' of a JWT is ${value}.`);
}

function base64url(value: string | Uint8Array): string {
  return Buffer.from(value as Uint8Array).toString('base64url');
}
