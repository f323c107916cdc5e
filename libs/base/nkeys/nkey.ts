import { decodeBase32, encodeBase32 } from './base32.js';
import { ed25519PrivateKey, rawPublicKey } from './ed25519.js';

/** What an NKey belongs to, by its first byte. */
const PREFIXES = {
  account: 0,
  cluster: 2 << 3,
  server: 13 << 3,
  operator: 14 << 3,
  user: 20 << 3,
  curve: 23 << 3,
} as const;
const SEED_PREFIX = 18 << 3;

const KEY_LENGTH = 32;
const PUBLIC_KEY_CHARACTERS = 56;
const SEED_CHARACTERS = 58;

export type NkeyKind = keyof typeof PREFIXES;

const KINDS: ReadonlyMap<number, NkeyKind> = new Map(
  (Object.keys(PREFIXES) as NkeyKind[]).map((kind) => [PREFIXES[kind], kind]),
);

/** An NKey, or its seed, without prefix and checksum. */
export interface Nkey {
  readonly kind: NkeyKind;
  readonly raw: Buffer;
}

/**
 * A public NKey; `undefined` where the text is none, or damaged.
 * @see https://github.com/nats-io/nkeys
 */
export function parsePublicNkey(text: string): Nkey | undefined {
  if (text.length !== PUBLIC_KEY_CHARACTERS) return undefined;
  const bytes = withoutChecksum(text);
  const kind = kindOf(bytes?.[0]);
  return bytes && kind && { kind, raw: bytes.subarray(1) };
}

/** A seed; `undefined` where the text is none, or damaged. */
export function parseSeed(text: string): Nkey | undefined {
  if (text.length !== SEED_CHARACTERS) return undefined;
  const bytes = withoutChecksum(text);
  const [first = 0, second = 0] = bytes ?? [];
  // The kind stands across both bytes, behind the five bits that make it a seed.
  const kind = kindOf(((first & 0x07) << 5) | (second >> 3));
  const isSeed = (first & 0xf8) === SEED_PREFIX;
  return bytes && isSeed && kind ? { kind, raw: bytes.subarray(2, 2 + KEY_LENGTH) } : undefined;
}

/** The text of a public key. */
export function publicNkey(kind: NkeyKind, raw: Uint8Array): string {
  return withChecksum([PREFIXES[kind]], raw);
}

/** The text of a seed. */
export function seedNkey(kind: NkeyKind, raw: Uint8Array): string {
  const prefix = PREFIXES[kind];
  return withChecksum([SEED_PREFIX | (prefix >> 5), (prefix & 31) << 3], raw);
}

/** The public NKey (`U…`) of a user's seed (`SU…`); `undefined` where the seed is another, or damaged. */
export function publicUserNkey(text: string): string | undefined {
  const seed = parseSeed(text);
  return seed?.kind === 'user' ? publicNkey('user', rawPublicKey(ed25519PrivateKey(seed.raw))) : undefined;
}

function kindOf(prefix: number | undefined): NkeyKind | undefined {
  return prefix === undefined ? undefined : KINDS.get(prefix);
}

function withoutChecksum(text: string): Buffer | undefined {
  const bytes = decodeBase32(text);
  if (!bytes) return undefined;
  const end = bytes.length - 2;
  return bytes.readUInt16LE(end) === crc16(bytes.subarray(0, end)) ? bytes.subarray(0, end) : undefined;
}

function withChecksum(prefix: readonly number[], raw: Uint8Array): string {
  const bytes = Buffer.from([...prefix, ...raw, 0, 0]);
  const end = bytes.length - 2;
  bytes.writeUInt16LE(crc16(bytes.subarray(0, end)), end);
  return encodeBase32(bytes);
}

/** CRC-16/XMODEM. */
function crc16(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ (CRC_OF_BYTE[(crc >>> 8) ^ byte] ?? 0);
  return crc;
}

const CRC_OF_BYTE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
  return crc;
});
