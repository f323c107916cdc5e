import {
  createAccount,
  createCluster,
  createCurve,
  createOperator,
  createServer,
  createUser,
  type KeyPair,
} from '../../../test/support/nats-reference.js';
import { describe, expect, it } from 'vitest';

import { parsePublicNkey, parseSeed, publicNkey, publicUserNkey } from './nkey.js';

const KINDS = {
  account: createAccount,
  cluster: createCluster,
  curve: createCurve,
  operator: createOperator,
  server: createServer,
  user: createUser,
} as const;

const seedOf = (key: KeyPair) => new TextDecoder().decode(key.getSeed());

describe('an NKey', () => {
  it.each(Object.entries(KINDS))('of kind %s is the one that the NKey library makes', (kind, create) => {
    for (let i = 0; i < 20; i++) {
      const key = create();
      const parsed = parsePublicNkey(key.getPublicKey());
      expect(parsed).toMatchObject({ kind });
      if (parsed) expect(publicNkey(parsed.kind, parsed.raw)).toBe(key.getPublicKey());
      expect(parseSeed(seedOf(key))).toMatchObject({ kind });
    }
  });

  it('is none when a character is wrong, missing or too much', () => {
    const key = createAccount();
    const damages = (text: string) => [
      `${text.slice(0, 30)}${text[30] === 'A' ? 'B' : 'A'}${text.slice(31)}`,
      `${text.slice(0, 30)}1${text.slice(31)}`,
      text.toLowerCase(),
      text.slice(0, -1),
      `${text}A`,
      `${text}\n`,
      '',
    ];
    for (const text of damages(key.getPublicKey())) expect(parsePublicNkey(text)).toBeUndefined();
    for (const text of damages(seedOf(key))) expect(parseSeed(text)).toBeUndefined();
  });

  it('is not taken for a seed, nor a seed for it', () => {
    const key = createAccount();
    expect(parseSeed(key.getPublicKey())).toBeUndefined();
    expect(parsePublicNkey(seedOf(key))).toBeUndefined();
  });
});

describe('the public NKey of a user', () => {
  it('is the one that the NKey library gives for its seed', () => {
    for (let i = 0; i < 50; i++) {
      const key = createUser();
      expect(publicUserNkey(seedOf(key))).toBe(key.getPublicKey());
    }
  });

  it('is none for the seed of an account', () => {
    expect(publicUserNkey(seedOf(createAccount()))).toBeUndefined();
  });
});
