import { asError, describeValue, jwtClaims } from '../../base/index.js';
import { parseCreds, type UserInfo, UserInfoInvalidError } from '../../credentials/index.js';
import type { Driver } from '../drivers/driver.js';
import { SigningFailedError } from '../errors.js';
import type { KeyPair } from '../drivers/internals.js';

/** The authentication fields of `CONNECT`. */
export interface ConnectFields {
  user?: string;
  pass?: string;
  auth_token?: string;
  jwt?: string;
  nkey?: string;
  sig?: string;
}

/** A JWT that never changes and admits a client to an auth-callout service. */
export interface Sentinel {
  /** Contents of a `.creds` file. */
  creds?: string | Uint8Array;
  /** A bearer user JWT. */
  jwt?: string;
}

/** Answers the nonce of one INFO, if there is one; the nonce is read only if there is something to sign. */
export type AnswerNonce = (nonce: () => string | undefined) => ConnectFields | Promise<ConnectFields>;

/**
 * Prepares everything in `CONNECT` that does not depend on the server's nonce, so that user info which cannot be presented
 * fails before a socket opens.
 * @throws {@link UserInfoInvalidError}
 */
export function prepareConnectFields(userInfo: UserInfo, sentinel: Sentinel, driver: Driver): AnswerNonce {
  const { user, pass, token } = userInfo;
  const identity = userInfo.creds !== undefined || userInfo.jwt !== undefined ? userInfo : sentinel;
  const creds = identity.creds === undefined ? undefined : parseCreds(identity.creds);
  const jwt = creds?.jwt ?? identity.jwt;
  const seed = creds?.seed ?? userInfo.seed;
  const keys = seed === undefined ? undefined : keyPair(seed, driver);
  const nkey = keys?.getPublicKey() ?? userInfo.nkey;
  const fields: ConnectFields = { user, pass, auth_token: token, jwt, nkey };
  const sign = keys ? (nonce: Uint8Array) => keys.sign(nonce) : userInfo.sign;
  const isNamedByJwt = jwt !== undefined && nkey !== undefined && jwtClaims(jwt).sub === nkey;
  return (readNonce) => {
    const nonce = sign && readNonce();
    if (!nonce) return fields;
    // The JWT names the same key already, and a server that reads no JWTs does not ask for it. On each reload, most
    // nats-servers close connections that send both (nats-server#8606).
    const shown = isNamedByJwt ? { ...fields, nkey: undefined } : fields;
    const signed = (bytes: unknown) => ({ ...shown, sig: encodeSignature(bytes) });
    try {
      const signature = sign(new TextEncoder().encode(nonce));
      if (signature instanceof Uint8Array) return signed(signature);
      return Promise.resolve(signature).then(signed).catch(signingFailed);
    } catch (error) {
      return signingFailed(error);
    }
  };
}

function signingFailed(error: unknown): never {
  throw new SigningFailedError(asError(error));
}

function keyPair(seed: string | Uint8Array, driver: Driver): KeyPair {
  try {
    return driver.keyPairFromSeed(typeof seed === 'string' ? new TextEncoder().encode(seed) : seed);
  } catch (error) {
    // The library's message may quote the seed; the name of its error says enough.
    throw new UserInfoInvalidError(
      'seed',
      `is no valid NKey seed (${asError(error).name}): a character is wrong or missing`,
    );
  }
}

/** The length of an Ed25519 signature. */
const SIGNATURE_BYTES = 64;

function encodeSignature(signature: unknown): string {
  if (!(signature instanceof Uint8Array) || signature.length !== SIGNATURE_BYTES) {
    throw new UserInfoInvalidError(
      'sign',
      `expected the raw Ed25519 signature of the nonce (a Uint8Array of 64 bytes), got ${describeValue(signature, 'type')}: decode what the` +
        ` signer returns (base64, hex, DER) before returning it`,
    );
  }
  return Buffer.from(signature).toString('base64url');
}
