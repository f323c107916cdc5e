import { generateKeyPairSync } from 'node:crypto';

import {
  createAccount,
  createCurve,
  createOperator,
  createServer,
  createUser,
  type KeyPair,
} from '../../../test/support/nats-reference.js';

/** The seed of a key, as a text. */
export const seedOf = (key: KeyPair) => new TextDecoder().decode(key.getSeed());

/** Seeds, and public keys, of every kind but accounts. */
export function keysOfOtherKinds() {
  return [createUser(), createOperator(), createServer(), createCurve()];
}

export const accountSeed = () => seedOf(createAccount());
export const curveSeed = () => seedOf(createCurve());

/** A key of another algorithm, as a key service may have. */
export const someEcKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
