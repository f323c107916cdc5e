import { describe, expect, it } from 'vitest';

import { UserInfoInvalidError } from '../errors.js';
import { expiryOf } from './expiry.js';
import { bytes, credsOf, NKEY, sign } from './user-info.fixture.js';
import { jwtOf, MARK, SEED } from '../../base/secrets.fixture.js';
import { validateUserInfo } from './validate.js';

const jwt = jwtOf({ sub: 'U' });
const creds = credsOf(jwt);

function faultOf(value: unknown): UserInfoInvalidError {
  try {
    validateUserInfo(value);
  } catch (error) {
    if (error instanceof UserInfoInvalidError) return error;
    throw error;
  }
  throw new Error('It was accepted.');
}

describe('user info is accepted when it is', () => {
  it.each<[string, object]>([
    ['user', { user: 'u' }],
    ['user and password', { user: 'u', pass: 'p' }],
    ['token', { token: 't' }],
    ['creds', { creds }],
    ['creds as bytes', { creds: bytes(creds) }],
    ['a bearer JWT', { jwt }],
    ['JWT and seed', { jwt, seed: SEED }],
    ['JWT and seed as bytes', { jwt, seed: bytes(SEED) }],
    ['JWT and signer', { jwt, sign }],
    ['JWT, public NKey and signer', { jwt, nkey: NKEY, sign }],
    ['a seed alone', { seed: SEED }],
    ['public NKey and seed', { nkey: NKEY, seed: SEED }],
    ['public NKey and signer', { nkey: NKEY, sign }],
    ['sentinel creds with a password', { creds, user: 'u', pass: 'p' }],
    ['sentinel creds with a token', { creds, token: 't' }],
    ['a sentinel JWT with a password', { jwt, user: 'u', pass: 'p' }],
    ['a sentinel JWT with a token', { jwt, token: 't' }],
    ['a token with a Date', { token: 't', expiresAt: new Date() }],
    ['a token with a time in ms', { token: 't', expiresAt: Date.UTC(2030, 0, 1) }],
  ])('%s', (_, userInfo) => {
    expect(validateUserInfo(userInfo)).toEqual(userInfo);
  });

  it('a token beside an expiry that is not known', () => {
    expect(validateUserInfo({ token: 't', expiresAt: undefined })).toEqual({ token: 't' });
  });

  it('a class whose declared fields are there although they are not meant', () => {
    class OwnUserInfo {
      readonly token = 't';
      readonly user?: string = undefined;
    }
    expect(validateUserInfo(new OwnUserInfo())).toEqual({ token: 't' });
  });
});

describe('user info is refused, with an error that names the field, when', () => {
  const text = 'a string that is not empty, got';
  it.each<[field: string, got: string, value: object]>([
    ['user', `${text} an empty string`, { user: '' }],
    ['user', `${text} a number`, { user: 5 }],
    ['user', `${text} null`, { user: null }],
    ['pass', `${text} an empty string`, { user: 'u', pass: '' }],
    ['pass', `${text} 10 bytes`, { user: 'u', pass: bytes(MARK) }],
    ['pass', `${text} null`, { user: 'u', pass: null }],
    ['pass', `needs 'user'`, { pass: MARK }],
    ['token', `${text} an object`, { token: { value: MARK } }],
    ['token', `${text} an array`, { token: [MARK] }],
    ['token', `${text} a boolean`, { token: true }],
    ['token', `${text} a function`, { token: () => MARK }],
    ['token', `${text} an empty string`, { token: '' }],
    ['creds', 'got a string of 18 characters', { creds: `/etc/${MARK}.ck` }],
    ['creds', 'got 0 bytes', { creds: new Uint8Array() }],
    ['creds', 'a user JWT block and a seed block', { creds: credsOf('no-jwt') }],
    ['creds', 'a user JWT block and a seed block', { creds: credsOf(jwt, `SA${SEED.slice(2)}`) }],
    ['creds', 'got an object', { creds: { jwt, seed: SEED } }],
    ['jwt', 'got a string of 10 characters', { jwt: MARK }],
    ['jwt', 'three base64url parts', { jwt: `${jwt}.${MARK}` }],
    ['jwt', 'three base64url parts', { jwt: ` ${jwt}` }],
    ['jwt', 'bytes', { jwt: bytes(jwt) }],
    ['seed', 'got a string of 59 characters', { seed: `${SEED}\n` }],
    ['seed', 'got 57 bytes', { seed: bytes(SEED.slice(1)) }],
    ['seed', 'beginning with SU', { seed: `SA${SEED.slice(2)}` }],
    ['seed', 'beginning with SU', { seed: SEED.toLowerCase() }],
    ['nkey', 'beginning with U', { nkey: SEED, sign }],
    ['nkey', 'beginning with U', { nkey: `A${NKEY.slice(1)}`, sign }],
    ['nkey', 'bytes', { nkey: bytes(NKEY), sign }],
    ['sign', 'a function from the nonce', { jwt, sign: MARK }],
    ['expiresAt', 'got a string', { token: 't', expiresAt: '2030-01-01' }],
    ['expiresAt', 'got 1900000000', { token: 't', expiresAt: 1_900_000_000 }],
    [
      'expiresAt',
      'got the Date 1970-01-22T23:46:40.000Z',
      { token: 't', expiresAt: new Date(1_900_000_000) },
    ],
    ['expiresAt', 'a boolean', { token: 't', expiresAt: true }],
    ['jwt', `beside 'creds'`, { creds, jwt }],
    ['seed', `beside 'creds'`, { creds, seed: SEED }],
    ['nkey', `beside 'creds'`, { creds, nkey: NKEY }],
    ['sign', `beside 'creds'`, { creds, sign }],
    ['sign', `beside 'seed'`, { jwt, seed: SEED, sign }],
    ['sign', `needs 'nkey' or 'jwt'`, { sign }],
    ['sign', `needs 'nkey' or 'jwt'`, { user: 'u', sign }],
    ['nkey', `needs 'seed' or 'sign'`, { nkey: NKEY }],
    ['password', 'unknown; accepted are user, pass', { user: 'u', password: MARK }],
    ['*', 'nothing to present', {}],
    ['token', 'is undefined. Is an environment variable not set?', { token: undefined }],
    ['pass', 'is undefined. Is an environment variable not set?', { user: 'u', pass: undefined }],
    ['pass', 'an empty string: is an environment variable not set?', { user: 'u', pass: '' }],
    ['*', 'nothing to present', { expiresAt: Date.now() }],
  ])('%s: %s', (field, got, value) => {
    const error = faultOf(value);
    expect(error).toMatchObject({ code: 'USER_INFO_INVALID', field });
    expect(error.message).toContain(`'${field}'`);
    expect(error.message).toContain(got);
    expect(error.message.toUpperCase()).not.toContain(MARK);
    expect(error.cause).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a string of 10 characters', MARK],
    ['an array', [MARK]],
    ['a function', () => MARK],
    ['10 bytes', bytes(MARK)],
  ])('it is %s', (shape, value) => {
    const error = faultOf(value);
    expect(error.field).toBe('*');
    expect(error.message).toContain(`got ${shape}`);
    expect(error.message).not.toContain(MARK);
  });
});

describe('an expiry that is no moment', () => {
  const values = [
    2 ** 63 - 1,
    NaN,
    Infinity,
    -Infinity,
    null,
    -1,
    0,
    3_600,
    '3600',
    '-1',
    1e308,
    new Date(NaN),
  ];

  it.each(values)('%s counts as not known, and fails no call', (expiresAt) => {
    expect(validateUserInfo({ token: 't', expiresAt })).toEqual({ token: 't' });
    // What the JWT says counts then.
    expect(expiryOf(validateUserInfo({ token: jwtOf({ exp: 2_000_000_000 }), expiresAt }), 0)).toBe(2e12);
  });

  it('is not one that is written as a text', () => {
    expect(validateUserInfo({ token: 't', expiresAt: '2000000000000' })).toEqual({
      token: 't',
      expiresAt: 2e12,
    });
  });
});

describe('what was checked is what is presented', () => {
  it('also when the fields are getters of a class', () => {
    class Token {
      get token(): string {
        return 'from a getter';
      }
    }
    expect({ ...validateUserInfo(new Token()) }).toEqual({ token: 'from a getter' });
  });

  it('also when a getter answers differently the second time', () => {
    let reads = 0;
    const userInfo = validateUserInfo({
      get token() {
        return ++reads === 1 ? 'good' : '';
      },
    });
    expect(userInfo).toEqual({ token: 'good' });
  });
});
