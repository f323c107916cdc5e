import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

import { OptionsInvalidError, PackageMissingError } from '../../../base/index.js';

/** A password, as a hash that can be checked. */
export interface PasswordHash {
  /** @throws `PackageMissingError` for an argon2 hash where `@node-rs/argon2` is not installed. */
  verify(password: string, signal: AbortSignal): Promise<boolean>;
}

/** A hash with more would let each client that connects take that memory and time. */
const MOST_MEMORY_BYTES = 256 * 1024 * 1024;
const MOST_PASSES = 32;
const MOST_LANES = 16;
const KIB = 1_024;

const BASE64 = '[A-Za-z0-9+/]+';
const SCRYPT = new RegExp(
  String.raw`^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,3})\$(${BASE64})\$(${BASE64})$`,
);
const ARGON2 = new RegExp(
  String.raw`^\$argon2id\$v=19\$m=(\d{1,10}),t=(\d{1,10}),p=(\d{1,3})\$${BASE64}\$${BASE64}$`,
);

/**
 * Reads a hash: `$argon2id$v=19$m=…,t=…,p=…$…$…` or `$scrypt$ln=…,r=…,p=…$…$…`.
 * @throws {@link OptionsInvalidError} it is none, or checking it would take too much. The hash is not quoted.
 */
export function passwordHash(option: string, text: unknown): PasswordHash {
  const hash = typeof text === 'string' ? (scryptHash(option, text) ?? argon2Hash(option, text)) : undefined;
  if (hash) return hash;
  throw new OptionsInvalidError(
    option,
    `expected a hash that begins with '$argon2id$v=19$' or '$scrypt$' (hashPassword() makes one), got something else.`,
  );
}

function scryptHash(option: string, text: string): PasswordHash | undefined {
  const [, ln, r, p, salt = '', digest = ''] = SCRYPT.exec(text) ?? [];
  if (ln === undefined) return undefined;
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  checkScryptCost(option, cost);
  const expected = Buffer.from(digest, 'base64');
  if (expected.length < SHORTEST_DIGEST)
    throw new OptionsInvalidError(option, `expected a hash of ${SHORTEST_DIGEST} bytes or more.`);
  return {
    verify: async (password) => {
      const found = await scrypted(password, Buffer.from(salt, 'base64'), cost, expected.length);
      return timingSafeEqual(found, expected);
    },
  };
}

function argon2Hash(option: string, text: string): PasswordHash | undefined {
  const [, m, t, p] = ARGON2.exec(text)?.map(Number) ?? [];
  if (m === undefined || t === undefined || p === undefined) return undefined;
  checkCost(option, { bytes: m * KIB, passes: t, lanes: p }, `m=${m},t=${t},p=${p}`);
  return {
    verify: async (password, signal) => (await argon2()).verify(text, password, undefined, signal),
  };
}

/**
 * What it takes to check a hash: `2^ln × r × 128` bytes, `p` times.
 * @public
 */
export interface ScryptCost {
  /** Default: 15. */
  readonly ln?: number;
  /** Default: 8. */
  readonly r?: number;
  /** Default: 3. */
  readonly p?: number;
}

const SALT_BYTES = 16;
const DIGEST_BYTES = 32;
const SHORTEST_DIGEST = 16;

/**
 * The scrypt hash of a password, for the users of `StaticUsersAuthorizer`. With the defaults, each check takes some 100 ms; passwords that a
 * machine made, of 20 characters or more, do with less: `{ ln: 12, p: 1 }`.
 * @throws `OptionsInvalidError` for a cost that no authorizer would accept.
 * @public
 */
export async function hashPassword(password: string, cost: ScryptCost = {}): Promise<string> {
  const { ln = 15, r = 8, p = 3 } = cost;
  checkScryptCost('hashPassword', { ln, r, p });
  const salt = randomBytes(SALT_BYTES);
  const digest = await scrypted(password, salt, { ln, r, p }, DIGEST_BYTES);
  const [saltText, digestText] = [salt, digest].map((bytes) => bytes.toString('base64').replace(/=+$/, ''));
  return `$scrypt$ln=${ln},r=${r},p=${p}$${saltText}$${digestText}`;
}

function checkScryptCost(option: string, { ln, r, p }: Required<ScryptCost>): void {
  const isWhole = [ln, r, p].every((value) => Number.isInteger(value) && value >= 1);
  const bytes = isWhole ? 128 * 2 ** ln * r : Infinity;
  checkCost(option, { bytes, passes: 1, lanes: p }, `ln=${ln},r=${r},p=${p}`);
}

function checkCost(
  option: string,
  { bytes, passes, lanes }: { bytes: number; passes: number; lanes: number },
  shown: string,
): void {
  const isBounded = bytes <= MOST_MEMORY_BYTES && passes <= MOST_PASSES && lanes <= MOST_LANES;
  if (isBounded && bytes > 0 && passes > 0 && lanes > 0) return;
  throw new OptionsInvalidError(
    option,
    `a hash with ${shown} takes too much: at most 256 MiB, ${MOST_PASSES} passes and ${MOST_LANES} lanes are accepted.`,
  );
}

function scrypted(
  password: string,
  salt: Buffer,
  { ln, r, p }: Required<ScryptCost>,
  length: number,
): Promise<Buffer> {
  // Node.js refuses what needs more than `maxmem`, and counts a little more than the table.
  const options = { N: 2 ** ln, r, p, maxmem: 2 * MOST_MEMORY_BYTES };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

async function argon2(): Promise<typeof import('@node-rs/argon2')> {
  try {
    return await import('@node-rs/argon2');
  } catch (cause) {
    throw new PackageMissingError('A user with an argon2 hash', '@node-rs/argon2', cause);
  }
}
