import { BESIDE_SENTINEL, TOKEN } from './callout-users.js';
import { CREDS, CREDS_BYTES, JWT_AND_SEED, JWT_AND_SIGNER } from './operator-users.js';
import type { Kind } from './place.js';
import { NKEY_SEED, PASSWORD } from './static-users.js';

/** Every kind of user info that a server takes. */
export const KINDS: readonly Kind[] = [
  PASSWORD,
  TOKEN,
  CREDS,
  CREDS_BYTES,
  JWT_AND_SEED,
  JWT_AND_SIGNER,
  NKEY_SEED,
  BESIDE_SENTINEL,
];

export { BESIDE_SENTINEL, CREDS, CREDS_BYTES, JWT_AND_SEED, JWT_AND_SIGNER, NKEY_SEED, PASSWORD, TOKEN };
export type { Kind, Place } from './place.js';
