import { inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import { ResolvedUserInfo } from './resolved-user-info.js';
import { bytes, credsOf, exp, NKEY, sign } from './user-info.fixture.js';
import { jwtOf, MARK, SEED } from '../../base/secrets.fixture.js';
import { kindOf, type UserInfo } from './user-info.js';

const NOW = Date.UTC(2030, 0, 1);
const jwt = jwtOf(exp(NOW + 60_000));
const creds = credsOf(jwt);

const EVERYTHING: UserInfo[] = [
  { user: MARK, pass: MARK },
  { token: MARK },
  { creds },
  { creds: bytes(creds), user: MARK, pass: MARK },
  { jwt, seed: SEED },
  { jwt, seed: bytes(SEED), token: MARK },
  { nkey: NKEY, sign: () => bytes(MARK) },
];

/** The ways in which an object ends up in a log. */
const PRINTERS: Record<string, (value: object) => string> = {
  'util.inspect': (value) => inspect(value, { depth: 10, showHidden: true, getters: true }),
  'util.inspect without its custom part': (value) =>
    inspect(value, { depth: 10, showHidden: true, getters: true, customInspect: false }),
  'JSON.stringify': (value) => JSON.stringify(value),
  'a template string': (value) => `made of ${value as unknown as string}`,
  'Object.entries': (value) => inspect(Object.entries(value), { depth: 10, showHidden: true }),
  'a spread': (value) => inspect({ ...value }, { depth: 10, showHidden: true }),
  'all own keys': (value) => inspect(Object.getOwnPropertyDescriptors(value), { depth: 10 }),
};

describe('user info that was resolved', () => {
  it.each(Object.entries(PRINTERS))('shows no secret in %s', (_, print) => {
    for (const userInfo of EVERYTHING) {
      const printed = [
        print(new ResolvedUserInfo(userInfo, NOW)),
        print([new ResolvedUserInfo(userInfo, NOW)]),
      ];
      // Bytes would be printed as numbers.
      const numbers = [...bytes(MARK)].join(', ');
      for (const text of printed) {
        expect(text).not.toContain(MARK);
        expect(text).not.toContain(numbers);
        expect(text).not.toContain(jwt);
      }
    }
  });

  it('says in a log what kind it is', () => {
    const userInfo = new ResolvedUserInfo({ creds, user: 'u' }, NOW);
    expect(String(userInfo)).toBe('UserInfo(creds+user [redacted])');
    expect(inspect(userInfo)).toBe('UserInfo(creds+user [redacted])');
  });

  it('tells kind and times as JSON', () => {
    expect(JSON.parse(JSON.stringify(new ResolvedUserInfo({ token: jwt }, NOW)))).toEqual({
      kind: 'token',
      resolvedAt: NOW,
      expiresAt: NOW + 60_000,
    });
    expect(new ResolvedUserInfo({ token: 't' }, NOW).toJSON()).toEqual({ kind: 'token', resolvedAt: NOW });
  });

  it('reveals the secrets when asked, unchanged and unchangeable', () => {
    const given = { user: 'u', pass: 'p' };
    const revealed = new ResolvedUserInfo(given, NOW).reveal();
    given.pass = 'changed by the provider';
    expect(revealed).toEqual({ user: 'u', pass: 'p' });
    expect(Object.isFrozen(revealed)).toBe(true);
  });

  it.each([
    ['a password', { user: 'svc', pass: 'pa"55' }, 'no pa"55 of svc', 'no [redacted] of svc'],
    [
      'a password as JSON writes it',
      { user: 'svc', pass: 'pa"55' },
      'CONNECT {"pass":"pa\\"55"}',
      'CONNECT {"pass":"[redacted]"}',
    ],
    ['a token', { token: 't0ken' }, 't0kent0ken', '[redacted][redacted]'],
    [
      'nothing that is too short for a secret',
      { user: 'svc', pass: 'a' },
      'a bad password',
      'a bad password',
    ],
  ])('takes %s out of what others say', (_, userInfo, said, scrubbed) => {
    expect(new ResolvedUserInfo(userInfo, NOW).scrub(said)).toBe(scrubbed);
  });

  it('knows how long it stays valid', () => {
    const userInfo = new ResolvedUserInfo({ token: jwt }, NOW);
    expect(userInfo.remaining(NOW)).toBe(60_000);
    expect(userInfo.remaining(NOW + 60_001)).toBe(-1);
    expect(new ResolvedUserInfo({ token: 't' }, NOW).remaining(NOW)).toBe(Infinity);
  });
});

describe('the kind of user info', () => {
  it.each<[string, UserInfo]>([
    ['user', { user: 'u', pass: 'p' }],
    ['token', { token: 't' }],
    ['creds', { creds }],
    ['jwt', { jwt, seed: SEED }],
    ['nkey', { nkey: NKEY, sign }],
    ['nkey', { seed: SEED }],
    ['creds+user', { creds, user: 'u' }],
    ['creds+token', { creds, token: 't' }],
    ['jwt+user', { jwt, user: 'u' }],
    ['jwt+token', { jwt, token: 't' }],
  ])('is %s', (kind, userInfo) => {
    expect(kindOf(userInfo)).toBe(kind);
  });
});
