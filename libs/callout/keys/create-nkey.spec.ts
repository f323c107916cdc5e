import { expect, it } from 'vitest';

import { fromCurveSeed, fromSeed } from '../../../test/support/nats-reference.js';
import { createNkey } from './create-nkey.js';

const bytes = (text: string) => new TextEncoder().encode(text);

it('makes keys that the NKey library takes, each another', () => {
  const account = createNkey('account');
  expect(fromSeed(bytes(account.seed)).getPublicKey()).toBe(account.publicKey);
  const curve = createNkey('curve');
  expect(fromCurveSeed(bytes(curve.seed)).getPublicKey()).toBe(curve.publicKey);
  expect(createNkey('account').seed).not.toBe(account.seed);
});

it('makes none of another kind', () => {
  expect(() => createNkey('user' as never)).toThrow(/'account' or 'curve'/);
});
