import { describe, expect, it } from 'vitest';

import { expiryOf, jwtExpiry } from './expiry.js';
import { bytes, credsOf, exp } from './user-info.fixture.js';
import { jwtOf } from '../../base/secrets.fixture.js';

const NOW = Date.UTC(2029, 0, 1);
const EARLY = Date.UTC(2030, 0, 1);
const LATE = Date.UTC(2030, 0, 2);
const early = jwtOf(exp(EARLY));
const late = jwtOf(exp(LATE));

describe('the expiry of user info', () => {
  it.each([
    ['a user JWT', { jwt: early }],
    ['the JWT in a .creds file', { creds: credsOf(early) }],
    ['the JWT in the bytes of a .creds file', { creds: bytes(credsOf(early)) }],
    ['a JWT that stands in for a password', { user: 'u', pass: early }],
    ['a JWT that stands in for a token', { token: early }],
    ['a Date', { token: 't', expiresAt: new Date(EARLY) }],
    ['a number of ms', { token: 't', expiresAt: EARLY }],
  ])('is read from %s', (_, userInfo) => {
    expect(expiryOf(userInfo, NOW)).toBe(EARLY);
  });

  it.each([
    ['sentinel creds and a token', { creds: credsOf(late), token: early }],
    ['sentinel creds that end first, and a password', { creds: credsOf(early), user: 'u', pass: late }],
    ['a sentinel JWT and a token', { jwt: late, token: early }],
    ['a sentinel JWT that never expires and a token', { jwt: jwtOf({}), token: early }],
  ])('is the earliest of %s', (_, userInfo) => {
    expect(expiryOf(userInfo, NOW)).toBe(EARLY);
  });

  it('is what the provider says, also when a JWT says something else', () => {
    expect(expiryOf({ token: early, expiresAt: LATE }, NOW)).toBe(LATE);
  });

  it.each([
    ['a plain password', { user: 'u', pass: 'p' }],
    ['an NKey', { nkey: 'U' }],
    ['a JWT without exp', { token: jwtOf({ sub: 'x' }) }],
  ])('is not known of %s', (_, userInfo) => {
    expect(expiryOf(userInfo, NOW)).toBeUndefined();
  });
});

describe('the exp claim', () => {
  it.each([
    ['no JWT', 'password'],
    ['a text with two dots', 'a.b.c'],
    ['a text of dots', '..'],
    ['one part too many', `${early}.x`],
    ['claims that are no JSON', `e30.${Buffer.from('{').toString('base64url')}.x`],
    ['claims that are null', `e30.${Buffer.from('null').toString('base64url')}.x`],
    ['claims that are a number', `e30.${Buffer.from('5').toString('base64url')}.x`],
    ['an exp in words', jwtOf({ exp: '1900000000' })],
    ['an exp of 0, which NATS writes for never', jwtOf({ exp: 0 })],
    ['a negative exp', jwtOf({ exp: -1 })],
    ['an exp beyond what a Date can hold', jwtOf({ exp: 1e300 })],
  ])('is not there in %s', (_, text) => {
    expect(jwtExpiry(text, NOW)).toBeUndefined();
  });
});

describe('the expiry of a JWT that lives for a minute, where the clocks differ', () => {
  const A_MINUTE = 60_000;
  const jwt = jwtOf({ iat: EARLY / 1000, exp: (EARLY + A_MINUTE) / 1000 });

  it.each([
    ['behind by an hour', -3_600_000],
    ['behind by a minute', -A_MINUTE],
    ['behind by a little', -500],
    ['ahead by as much as it lives, less than a second', A_MINUTE - 900],
    ['ahead by a minute', A_MINUTE],
    ['ahead by an hour', 3_600_000],
  ])('is a minute after its arrival by a clock that is %s', (_, offMs) => {
    expect(jwtExpiry(jwt, EARLY + offMs)).toBe(EARLY + offMs + A_MINUTE);
  });

  it.each([
    ['has just been issued', 20],
    ['comes from a cache, or by a clock that is ahead', 40_000],
    ['is about to expire', A_MINUTE - 1_001],
  ])('is its exp when it %s', (_, ageMs) => {
    expect(jwtExpiry(jwt, EARLY + ageMs)).toBe(EARLY + A_MINUTE);
  });

  it.each([
    ['is not there', {}],
    ['is no number', { iat: 'yesterday' }],
    ['is not before the end', { iat: (EARLY + 2 * A_MINUTE) / 1000 }],
  ])('is its exp when iat %s', (_, claims) => {
    const text = jwtOf({ ...claims, exp: (EARLY + A_MINUTE) / 1000 });
    expect(jwtExpiry(text, EARLY + 3_600_000)).toBe(EARLY + A_MINUTE);
  });
});
