import { describe, expect, it } from 'vitest';

import { jwtOf } from '../../base/secrets.fixture.js';
import { renews, saysTheSame } from './renewal.js';
import { ResolvedUserInfo } from './resolved-user-info.js';
import { bytes, credsOf } from './user-info.fixture.js';
import type { UserInfo } from './user-info.js';

const NOW = Date.UTC(2030, 0, 1);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const at = (userInfo: UserInfo, resolvedAt = NOW) => new ResolvedUserInfo(userInfo, resolvedAt);
const password = (pass: string, lifetimeMs: number) => ({ user: 'svc', pass, expiresAt: NOW + lifetimeMs });
/** A token that was issued at `issuedAt`, for ten minutes. */
const token = (issuedAt: number, id = 1) => ({
  token: jwtOf({ jti: id, iat: issuedAt / SECOND, exp: (issuedAt + 10 * MINUTE) / SECOND }),
});

describe('a renewal of user info that is going to expire', () => {
  it.each([
    ['expires later', password('new', 6 * MINUTE), true],
    ['is the same with a later expiry, as a lease that was extended', password('old', 6 * MINUTE), true],
    ['expires at no known time', { user: 'svc', pass: 'new' }, true],
    ['is the same', password('old', 5 * MINUTE), false],
    ['expires at the same moment', password('new', 5 * MINUTE), false],
    ['expires sooner', password('new', 4 * MINUTE), false],
  ])('%s', (_, next, is) => {
    expect(renews(at(next), at(password('old', 5 * MINUTE)))).toBe(is);
  });

  it.each([
    ['now', 0],
    ['an hour from now, because this clock is behind', 60 * MINUTE],
    ['an hour ago, because this clock is ahead', -60 * MINUTE],
  ])('is told by what JWTs say themselves when the one in use was issued %s', (_, offset) => {
    const inUse = at(token(NOW + offset));
    const later = NOW + 8 * MINUTE;
    expect(renews(at(token(NOW + offset), later), inUse)).toBe(false);
    expect(renews(at(token(NOW + offset - MINUTE), later), inUse)).toBe(false);
    expect(renews(at(token(NOW + offset, 2), later), inUse)).toBe(false);
    expect(renews(at(token(NOW + offset + 8 * MINUTE), later), inUse)).toBe(true);
  });

  it('is no JWT again to which a cache has added an expiry', () => {
    const inUse = at(token(NOW));
    expect(renews(at({ ...token(NOW), expiresAt: NOW + 20 * MINUTE }), inUse)).toBe(false);
  });

  it('is told by what the provider says where it says so', () => {
    const said = (issuedAt: number, lifetimeMs: number) => ({
      ...token(issuedAt),
      expiresAt: NOW + lifetimeMs,
    });
    expect(renews(at(said(NOW + MINUTE, 4 * MINUTE)), at(said(NOW, 5 * MINUTE)))).toBe(false);
    expect(renews(at(said(NOW + MINUTE, 6 * MINUTE)), at(said(NOW, 5 * MINUTE)))).toBe(true);
  });
});

describe('user info says the same', () => {
  const jwt = jwtOf({ sub: 'U' });

  it.each<[string, UserInfo, UserInfo, boolean]>([
    ['with the same fields', { user: 'a', pass: 'b' }, { pass: 'b', user: 'a' }, true],
    ['with another password', { user: 'a', pass: 'b' }, { user: 'a', pass: 'c' }, false],
    ['with one field more', { token: 'a' }, { token: 'a', creds: credsOf(jwt) }, false],
    ['as text and as bytes', { creds: credsOf(jwt) }, { creds: bytes(credsOf(jwt)) }, true],
    [
      'with other functions that sign',
      { jwt, sign: () => bytes('a') },
      { jwt, sign: () => bytes('b') },
      true,
    ],
    ['with another expiry', { token: 'a', expiresAt: NOW }, { token: 'a', expiresAt: NOW + 1 }, false],
    [
      'with one expiry as date and as ms',
      { token: 'a', expiresAt: NOW },
      { token: 'a', expiresAt: new Date(NOW) },
      true,
    ],
  ])('%s', (_, one, other, same) => {
    expect(saysTheSame(at(one), at(other, NOW + MINUTE))).toBe(same);
  });
});
