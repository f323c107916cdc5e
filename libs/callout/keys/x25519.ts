import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';

/** What stands before the 32 bytes of a key: PKCS #8 for private ones, SPKI for public ones. */
const PRIVATE_HEADER = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUBLIC_HEADER = Buffer.from('302a300506032b656e032100', 'hex');

export function x25519PrivateKey(raw: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PRIVATE_HEADER, raw]), format: 'der', type: 'pkcs8' });
}

/** What both sides of a box know; `undefined` for a public key that none makes. */
export function sharedSecret(privateKey: KeyObject, rawPublicKey: Uint8Array): Uint8Array | undefined {
  try {
    const publicKey = createPublicKey({
      key: Buffer.concat([PUBLIC_HEADER, rawPublicKey]),
      format: 'der',
      type: 'spki',
    });
    return diffieHellman({ privateKey, publicKey });
  } catch {
    // A point of low order: OpenSSL refuses what would give a secret that everybody knows.
    return undefined;
  }
}
