import { describe, expect, it } from 'vitest';

import { expiryOf, jwtExpiry } from './expiry.js';
import { bytes, credsOf, exp, jwtOf } from './user-info.fixture.js';

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
    expect(expiryOf(userInfo)).toBe(EARLY);
  });

  it.each([
    ['sentinel creds and a token', { creds: credsOf(late), token: early }],
    ['sentinel creds that end first, and a password', { creds: credsOf(early), user: 'u', pass: late }],
    ['a sentinel JWT and a token', { jwt: late, token: early }],
    ['a sentinel JWT that never expires and a token', { jwt: jwtOf({}), token: early }],
  ])('is the earliest of %s', (_, userInfo) => {
    expect(expiryOf(userInfo)).toBe(EARLY);
  });

  it('is what the provider says, also when a JWT says something else', () => {
    expect(expiryOf({ token: early, expiresAt: LATE })).toBe(LATE);
  });

  it.each([
    ['a plain password', { user: 'u', pass: 'p' }],
    ['an NKey', { nkey: 'U' }],
    ['a JWT without exp', { token: jwtOf({ sub: 'x' }) }],
  ])('is not known of %s', (_, userInfo) => {
    expect(expiryOf(userInfo)).toBeUndefined();
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
    expect(jwtExpiry(text)).toBeUndefined();
  });
});
