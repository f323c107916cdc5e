import { describe, expect, it } from 'vitest';

import { parseCreds } from './creds.js';
import { bytes, credsOf } from './user-info.fixture.js';
import { jwtOf, SEED } from '../../base/secrets.fixture.js';

const jwt = jwtOf({ sub: 'U' });

describe('parseCreds', () => {
  it.each([
    ['text', credsOf(jwt)],
    ['bytes', bytes(credsOf(jwt))],
    ['text with Windows line ends', credsOf(jwt).replaceAll('\n', '\r\n')],
    ['text without a line end at the end', credsOf(jwt).trimEnd()],
    ['text with blank lines in the blocks', credsOf(`\n  ${jwt}  \n`)],
  ])('reads the JWT and the seed from %s', (_, creds) => {
    expect(parseCreds(creds)).toEqual({ jwt, seed: SEED });
  });

  it.each([
    ['nothing', ''],
    ['a bare JWT', jwt],
    ['only the JWT block', credsOf(jwt).slice(0, credsOf(jwt).indexOf('****'))],
    ['an empty seed block', credsOf(jwt, '')],
    ['two words in a block', credsOf(jwt, 'two words')],
  ])('finds nothing in %s', (_, creds) => {
    expect(parseCreds(creds)).toBeUndefined();
  });
});
