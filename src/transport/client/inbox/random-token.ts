import { randomBytes } from 'node:crypto';

const TOKEN_BYTES = 12;
/** 12 bytes are 16 characters of base64url, with nothing left over. */
const TOKEN_LENGTH = 16;
const TOKENS_AT_ONCE = 256;

let pool = '';
let used = 0;

/** 96 random bits as text. Random bytes are drawn and encoded for many tokens at once. */
export function randomToken(): string {
  if (used === pool.length) {
    pool = randomBytes(TOKEN_BYTES * TOKENS_AT_ONCE).toString('base64url');
    used = 0;
  }
  used += TOKEN_LENGTH;
  return pool.slice(used - TOKEN_LENGTH, used);
}
