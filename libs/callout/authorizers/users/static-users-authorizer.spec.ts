import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { hash as argon2 } from '@node-rs/argon2';
import { describe, expect, it, onTestFinished } from 'vitest';

import { createNkeyUser } from '../../../../test/support/nkey-mode.js';
import { FileUnusableError, OptionsInvalidError, VirtualClock } from '../../../base/index.js';
import { authorized, refusalOf, requestOf } from '../../request.fixture.js';
import { hashPassword, passwordHash } from './password-hash.js';
import type { StaticUser } from './static-users.js';
import { StaticUsersAuthorizer, type StaticUsersOptions } from './static-users-authorizer.js';

const CHEAP = { ln: 4, r: 1, p: 1 };
const SCRYPT = await hashPassword('secret', CHEAP);
const ARGON2 = await argon2('secret', { memoryCost: 64, timeCost: 1 });
const NKEY = createNkeyUser().publicKey;

const of = (...users: readonly StaticUser[]) => new StaticUsersAuthorizer({ users });
const orders = (changes: Partial<StaticUser> = {}) =>
  ({ user: 'orders', hash: SCRYPT, account: 'APP', ...changes }) as StaticUser;
const presenting = (user: string, pass: string) => requestOf({ user, pass });

describe('a static user', () => {
  it.each([
    ['scrypt', SCRYPT],
    ['argon2', ARGON2],
  ])('comes in with the password of its %s hash, and with no other', async (_, hash) => {
    const authorizer = of(orders({ hash }));
    expect(await authorized(authorizer, presenting('orders', 'secret'))).toEqual({
      name: 'orders',
      account: 'APP',
    });
    for (const wrong of ['', 'Secret', 'secret ', hash])
      expect(await refusalOf(authorizer, presenting('orders', wrong))).toMatchObject({
        reason: 'credentials',
      });
  });

  it('may have two passwords while it changes', async () => {
    const authorizer = of(orders({ hash: [SCRYPT, await hashPassword('next', CHEAP)] }));
    for (const pass of ['secret', 'next']) await authorized(authorizer, presenting('orders', pass));
    expect(await refusalOf(authorizer, presenting('orders', 'other'))).toMatchObject({
      reason: 'credentials',
    });
  });

  it('who is not known is refused, after as much work as for one who is', async () => {
    const authorizer = of(orders({ hash: await hashPassword('secret', { ln: 14, p: 4 }) }));
    const took = async (request: ReturnType<typeof requestOf>) => {
      const before = process.cpuUsage();
      const refusal = await refusalOf(authorizer, request);
      return { refusal, micros: process.cpuUsage(before).user };
    };
    const wrong = await took(presenting('orders', 'wrong'));
    const unknown = await took(presenting('nobody', 'wrong'));
    expect(wrong.refusal).toMatchObject({ reason: 'credentials' });
    expect(unknown.refusal).toMatchObject({ reason: 'unknown' });
    expect(unknown.micros).toBeGreaterThan(wrong.micros / 3);
  });

  it('is not one who presents a name alone, a token, or a password that is longer than any', async () => {
    const authorizer = of(orders());
    for (const credentials of [{}, { user: 'orders' }, { token: 'secret' }, { pass: 'secret' }])
      expect(await refusalOf(authorizer, requestOf(credentials))).toMatchObject({ reason: 'unknown' });
    const long = presenting('orders', 'x'.repeat(2_000));
    expect(await refusalOf(authorizer, long)).toMatchObject({ reason: 'credentials' });
  });

  it.each(['__proto__', 'constructor', 'toString'])('is not %s', async (name) => {
    expect(await refusalOf(of(orders()), presenting(name, 'secret'))).toMatchObject({ reason: 'unknown' });
  });

  it('with an NKey comes in when it has proved it, and not otherwise', async () => {
    const authorizer = of(orders(), { nkey: NKEY, name: 'gateway' });
    const request = (proven: boolean) => requestOf({ nkey: { publicKey: NKEY, proven } });
    expect(await authorized(authorizer, request(true))).toEqual({ name: 'gateway' });
    expect(await refusalOf(authorizer, request(false))).toMatchObject({ reason: 'credentials' });
    const other = requestOf({ nkey: { publicKey: createNkeyUser().publicKey, proven: true } });
    expect(await refusalOf(authorizer, other)).toMatchObject({ reason: 'unknown' });
  });

  it('is shown in no refusal', async () => {
    const refusal = await refusalOf(of(orders()), presenting('orders', 'SECRETMARK'));
    expect(inspect(refusal)).not.toMatch(/SECRETMARK|\$scrypt/);
  });

  it('gets all that its entry says', async () => {
    const more = { permissions: { publish: { allow: ['x'] } }, tags: ['a'], expiresAt: 4e12 };
    const admission = await authorized(of(orders({ ...more, name: 'n' })), presenting('orders', 'secret'));
    expect(admission).toEqual({ account: 'APP', name: 'n', ...more });
  });
});

describe('hashPassword()', () => {
  it('gives another hash each time, which fits that password', async () => {
    const [one, two] = [await hashPassword('müller', CHEAP), await hashPassword('müller', CHEAP)];
    expect(one).not.toBe(two);
    expect(one).toMatch(/^\$scrypt\$ln=4,r=1,p=1\$/);
    const { signal } = new AbortController();
    expect(await passwordHash('x', one).verify('müller', signal)).toBe(true);
    expect(await passwordHash('x', one).verify('muller', signal)).toBe(false);
  });

  it('refuses what no authorizer takes', async () => {
    await expect(hashPassword('x', { ln: 30 })).rejects.toThrow(OptionsInvalidError);
  });
});

describe('users', () => {
  const replaced = (hash: string, from: string | RegExp, to: string) => hash.replace(from, to);

  it.each<[string, unknown]>([
    ['users', []],
    ['users', {}],
    ['users[0]', ['orders']],
    ['users[0].user', [{ hash: SCRYPT }]],
    ['users[0].user', [orders({ user: '' })]],
    ['users[0].hash', [{ user: 'orders' }]],
    ['users[0].hash', [orders({ hash: [] })]],
    ['users[0].hash', [orders({ hash: 'SECRETMARK' })]],
    ['users[0].hash', [orders({ hash: '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy' })]],
    ['users[0].hash', [orders({ hash: replaced(ARGON2, 'argon2id', 'argon2d') })]],
    ['users[0].hash', [orders({ hash: replaced(ARGON2, 'm=64', 'm=4194304') })]],
    ['users[0].hash', [orders({ hash: replaced(ARGON2, 't=1', 't=1000000') })]],
    ['users[0].hash', [orders({ hash: replaced(ARGON2, 'm=64', 'm=0') })]],
    ['users[0].hash', [orders({ hash: replaced(SCRYPT, 'ln=4', 'ln=30') })]],
    ['users[0].hash', [orders({ hash: replaced(SCRYPT, 'p=1', 'p=99') })]],
    ['users[0].hash', [orders({ hash: replaced(SCRYPT, /[^$]+$/, 'AA') })]],
    ['users[0].nkey', [{ nkey: 'UXXX' }]],
    ['users[0].nkey', [{ nkey: NKEY, hash: SCRYPT }]],
    ['users[0].password', [orders({ password: 'SECRETMARK' } as never)]],
    ['users[0].expiresAt', [orders({ expiresAt: 'soon' as never })]],
    ['users[1].user', [orders(), orders()]],
    ['users[1].nkey', [{ nkey: NKEY }, { nkey: NKEY }]],
  ])('are refused by their place: %s (%#)', (option, users) => {
    const make = () => new StaticUsersAuthorizer({ users } as StaticUsersOptions);
    expect(make).toThrow(`'StaticUsersAuthorizer.${option}'`);
    expect(make).not.toThrow('SECRETMARK');
  });

  it.each<[string, object]>([
    ['users', {}],
    ['users', { users: [orders()], path: 'users.json' }],
    ['path', { path: ' ' }],
    ['pollInterval', { path: 'x', pollInterval: -1 }],
    ['onProblem', { path: 'x', onProblem: 'log' }],
    ['file', { file: 'x' }],
  ])('are not given by a wrong option: %s', (option, options) => {
    expect(() => new StaticUsersAuthorizer(options)).toThrow(`'StaticUsersAuthorizer.${option}'`);
  });
});

describe('a file of users', () => {
  async function scene(contents: unknown = { users: [orders()] }) {
    const folder = await mkdtemp(join(tmpdir(), 'nats-users-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'users.json');
    let n = 0;
    const replace = async (text: unknown) => {
      const next = join(folder, `.next-${++n}`);
      await writeFile(next, typeof text === 'string' ? text : JSON.stringify(text));
      await rename(next, path);
    };
    await replace(contents);
    const problems: Error[] = [];
    const clock = new VirtualClock();
    const make = () => new StaticUsersAuthorizer({ path, clock, onProblem: (error) => problems.push(error) });
    return { path, folder, replace, problems, clock, make };
  }
  const request = presenting('orders', 'secret');

  it('may be a list, or have one, with moments as texts', async () => {
    const { make, replace, clock } = await scene();
    const authorizer = make();
    await authorized(authorizer, request);
    await replace([orders({ expiresAt: '2035-01-31T12:00:00Z' as never })]);
    await clock.advance(1_000);
    expect(await authorized(authorizer, request)).toMatchObject({ expiresAt: Date.UTC(2035, 0, 31, 12) });
  });

  it('that is replaced has other users from then on', async () => {
    const { make, replace, clock } = await scene();
    const authorizer = make();
    await replace([orders({ user: 'pricing' })]);
    await authorized(authorizer, request);
    await clock.advance(1_000);
    expect(await refusalOf(authorizer, request)).toMatchObject({ reason: 'unknown' });
    await authorized(authorizer, presenting('pricing', 'secret'));
  });

  it('that is broken or away leaves the users of the last one, and is told once', async () => {
    const { make, replace, clock, problems, path } = await scene();
    const authorizer = make();
    const told: number[] = [];
    for (const broken of ['{"users":[', '[]', [orders({ hash: 'x' })], undefined]) {
      await (broken === undefined ? rm(path) : replace(broken));
      for (let n = 0; n < 3; n++) {
        await clock.advance(1_000);
        await authorized(authorizer, request);
      }
      told.push(problems.length);
    }
    expect(told).toEqual([1, 2, 3, 4]);
    for (const problem of problems) expect(problem).toMatchObject({ code: 'FILE_UNUSABLE', path });
    await replace([orders({ user: 'pricing' })]);
    await clock.advance(1_000);
    expect(await refusalOf(authorizer, request)).toMatchObject({ reason: 'unknown' });
    expect(problems).toHaveLength(4);
  });

  it('is told in no words of its own', async () => {
    const { make, replace, clock, problems } = await scene();
    const authorizer = make();
    await replace('SECRETMARK {');
    await clock.advance(1_000);
    await authorized(authorizer, request);
    expect(inspect(problems)).not.toContain('SECRETMARK');
  });

  it('must be there, and hold users, at the start', async () => {
    const { make, replace, path, folder } = await scene();
    await replace('{}');
    expect(make).toThrow(FileUnusableError);
    await rm(path);
    expect(make).toThrow(FileUnusableError);
    expect(() => new StaticUsersAuthorizer({ path: folder })).toThrow(FileUnusableError);
  });
});
