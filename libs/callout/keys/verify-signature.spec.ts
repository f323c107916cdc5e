import {
  createAccount,
  createCurve,
  createServer,
  createUser,
} from '../../../test/support/nats-reference.js';
import { describe, expect, it } from 'vitest';

import { publicNkey } from '../../base/index.js';
import { Recent } from './recent.js';
import { isPublicNkey, verifySignature } from './verify-signature.js';

const data = new TextEncoder().encode('signed');

describe('a signature', () => {
  it('holds for the key and the bytes that it was made with, and for nothing else', () => {
    for (const key of [createServer(), createUser(), createAccount()]) {
      const signature = key.sign(data);
      expect(verifySignature(key.getPublicKey(), data, signature)).toBe(true);
      expect(verifySignature(createServer().getPublicKey(), data, signature)).toBe(false);
      expect(verifySignature(key.getPublicKey(), data.subarray(1), signature)).toBe(false);
      expect(verifySignature(key.getPublicKey(), data, signature.slice(0, 63))).toBe(false);
    }
  });

  it('does not hold for a key that anybody can sign for', () => {
    const [zero, one] = [Buffer.alloc(32), Buffer.alloc(32)];
    one[0] = 1;
    for (const point of [zero, one]) {
      // The same point as public key and as commitment, and a scalar of zero: the equation of Ed25519 holds for some data.
      const forged = Buffer.concat([point, Buffer.alloc(32)]);
      const holds = (some: number) =>
        verifySignature(publicNkey('server', point), Buffer.from([some]), forged);
      expect(Array.from({ length: 64 }, (_, some) => holds(some)).some(Boolean)).toBe(false);
    }
  });

  it('does not hold for what is no key that can sign', () => {
    for (const key of ['', 'N', createCurve().getPublicKey(), 'A'.repeat(56)])
      expect(verifySignature(key, data, new Uint8Array(64))).toBe(false);
  });
});

it('tells public NKeys by their kind', () => {
  const server = createServer().getPublicKey();
  expect(isPublicNkey(server, 'server')).toBe(true);
  expect(isPublicNkey(server, 'account')).toBe(false);
  expect(isPublicNkey('', 'account')).toBe(false);
});

it('keeps what is used, and no more than it may', () => {
  const recent = new Recent<number>(2);
  let made = 0;
  const make = () => ++made;
  expect([recent.get('a', make), recent.get('b', make), recent.get('a', make)]).toEqual([1, 2, 1]);
  recent.get('c', make);
  expect(recent.size).toBe(2);
  expect([recent.get('a', make), recent.get('b', make)]).toEqual([1, 4]);
  expect(recent.get('d', () => undefined)).toBeUndefined();
  expect(recent.size).toBe(2);
});
