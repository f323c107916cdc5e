import { createPrivateKey, type KeyObject, webcrypto } from 'node:crypto';

import { describeError, OptionsInvalidError } from '../../base/index.js';

/** A private key and what it signs with. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly algorithm: webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams | string;
}

/** What authorization servers accept; by kind of key, and of curve. */
const ALGORITHMS: Readonly<Record<string, SigningKey['algorithm']>> = {
  rsa: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  'ec prime256v1': { name: 'ECDSA', namedCurve: 'P-256' },
  ed25519: 'Ed25519',
};
const LEAST_RSA_BITS = 2_048;

/**
 * Reads a private key that a client can sign with.
 * @throws {@link OptionsInvalidError} never quoting the key.
 */
export function parseSigningKey(option: string, pem: string): SigningKey {
  const key = parsed(option, pem);
  const { namedCurve, modulusLength = LEAST_RSA_BITS } = key.asymmetricKeyDetails ?? {};
  const kind = [key.asymmetricKeyType, namedCurve].filter(Boolean).join(' ');
  const algorithm = ALGORITHMS[kind];
  if (algorithm !== undefined && modulusLength >= LEAST_RSA_BITS) return { key, algorithm };
  const got = algorithm === undefined ? kind : `${kind} of ${modulusLength} bits`;
  throw new OptionsInvalidError(
    option,
    `expected an RSA key of ${LEAST_RSA_BITS} bits or more, a P-256 or an Ed25519 key, got ${got}.`,
  );
}

/** The key as the OAuth library takes it. */
export function imported({ key, algorithm }: SigningKey): Promise<webcrypto.CryptoKey> {
  const pkcs8 = key.export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
}

function parsed(option: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new OptionsInvalidError(option, `expected a private key in PEM (${describeError(error)}).`);
  }
}
