import { type KeyObject, verify } from 'node:crypto';

import { ed25519PublicKey, type NkeyKind, parsePublicNkey } from '../../base/index.js';
import { Recent } from './recent.js';

const SIGNATURE_LENGTH = 64;

/** Enough for the servers of a large cluster and the NKeys of clients that come back at once. */
const keys = new Recent<KeyObject>(1_024);

/** Whether an NKey that can sign made this signature. */
export function verifySignature(publicNkey: string, data: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_LENGTH) return false;
  const key = keys.get(publicNkey, () => signingKey(publicNkey));
  return key !== undefined && verify(null, data, key, signature);
}

/** Whether a text is a public NKey of this kind. */
export function isPublicNkey(text: string, kind: NkeyKind): boolean {
  return parsePublicNkey(text)?.kind === kind;
}

function signingKey(publicNkey: string): KeyObject | undefined {
  const nkey = parsePublicNkey(publicNkey);
  if (!nkey || nkey.kind === 'curve' || isWeak(nkey.raw)) return undefined;
  return ed25519PublicKey(nkey.raw);
}

/** Points of low order, without their sign: OpenSSL takes them as public keys, and anybody can sign for them. */
const WEAK_KEYS = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

function isWeak(raw: Uint8Array): boolean {
  const point = Buffer.from(raw);
  point[31] = (point[31] ?? 0) & 0x7f;
  return WEAK_KEYS.has(point.toString('hex'));
}
