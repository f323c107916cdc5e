import { expect, it } from 'vitest';

import { mintUsers } from './files.fixture.js';
import { flawOf } from './user-jwt.js';

it('tells what is wrong with a user JWT and its seed', async () => {
  const [one, two] = await mintUsers('one', 'two');
  if (!one || !two) throw new Error('two users were minted');
  expect(flawOf(one.jwt, one.seed)).toBeUndefined();
  expect(flawOf(one.jwt, two.seed)).toBe('pair');
  for (const length of [one.jwt.length - 1, one.jwt.lastIndexOf('.') + 1, one.jwt.indexOf('.') + 20, 5, 0]) {
    expect(flawOf(one.jwt.slice(0, length), one.seed)).toBe('jwt');
  }
  expect(flawOf(`x.bm8ganNvbg.${'A'.repeat(86)}`, one.seed)).toBe('jwt');
  expect(flawOf(one.jwt, `${one.seed.slice(0, 30)}AAAA${one.seed.slice(34)}`)).toBe('seed');
});
