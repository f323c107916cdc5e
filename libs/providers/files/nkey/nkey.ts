import { createPrivateKey, createPublicKey } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const USER_PREFIX = 20 << 3;
/** What stands before the 32 bytes of an Ed25519 key in PKCS #8. */
const PKCS8_HEADER = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * The public NKey (`U…`) of a user's seed (`SU…`); `undefined` when its checksum is wrong.
 * @see https://github.com/nats-io/nkeys
 */
export function publicUserNkey(seed: string): string | undefined {
  const bytes = decodeBase32(seed);
  // Two bytes of prefix, the key, two of checksum.
  if (bytes.length !== 36 || bytes.readUInt16LE(34) !== crc16(bytes.subarray(0, 34))) return undefined;
  const der = Buffer.concat([PKCS8_HEADER, bytes.subarray(2, 34)]);
  const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  const raw = Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
  const nkey = Buffer.concat([Buffer.from([USER_PREFIX]), raw, Buffer.alloc(2)]);
  nkey.writeUInt16LE(crc16(nkey.subarray(0, 33)), 33);
  return encodeBase32(nkey);
}

function decodeBase32(text: string): Buffer {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const character of text) {
    value = ((value << 5) | ALPHABET.indexOf(character)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((value >>> bits) & 0xff);
  }
  return Buffer.from(bytes);
}

function encodeBase32(bytes: Buffer): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(value >>> bits) & 31] ?? '';
    }
  }
  return bits > 0 ? text + (ALPHABET[(value << (5 - bits)) & 31] ?? '') : text;
}

/** CRC-16/XMODEM. */
function crc16(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  }
  return crc;
}
