import { describe, expect, it } from 'vitest';

import { subjectToken } from './subject-token.js';

describe('a name as a token of a subject', () => {
  it.each(['orders', 'orders-1', 'a_b', '7', 'müller', 'auth0|abc', 'spiffe:x/y', 'a$'])(
    'may be %j',
    (name) => {
      expect(subjectToken(name)).toBe(name);
    },
  );

  it.each([
    '',
    '*',
    '>',
    'a.b',
    'a>',
    'a*',
    '.',
    'a b',
    'a\tb',
    'a\r\nSUB >',
    'a\u0000',
    'a\u00a0b',
    'a\u200bb',
    '$SYS',
    '$JS',
    'x'.repeat(129),
    undefined,
    null,
    7,
    {},
    ['orders'],
    { toString: () => 'orders' },
  ])('is not %j', (name) => {
    let refusal: unknown;
    try {
      subjectToken(name);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({ code: 'REFUSED', reason: 'forbidden' });
  });
});
