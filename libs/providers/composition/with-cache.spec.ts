import { inspect } from 'node:util';

import { describe, expect, it, vi } from 'vitest';

import { OptionsInvalidError, VirtualClock } from '../../base/index.js';
import { ResolvedUserInfo, type UserInfo } from '../../credentials/index.js';
import { ListedProvider, requestFor } from './composition.fixture.js';
import { type CacheOptions, withCache } from './with-cache.js';

/** A cache on a virtual clock over a provider whose user info lives for `lifetimeMs`, if that is given. */
function cached(options: CacheOptions, lifetimeMs?: number) {
  const clock = new VirtualClock();
  let calls = 0;
  const getUserInfo = (): UserInfo => ({
    user: 'svc',
    pass: `secret-${++calls}`,
    ...(lifetimeMs !== undefined && { expiresAt: clock.now() + lifetimeMs }),
  });
  const provider = withCache({ getUserInfo }, { clock, ...options });
  const passFor = async (reason: Parameters<typeof requestFor>[0]) =>
    (await provider.getUserInfo(requestFor(reason))).pass;
  return { clock, provider, passFor };
}

describe('a cache', () => {
  it('gives user info again while it stays valid for longer than the time that must remain', async () => {
    const { clock, passFor } = cached({ minRemaining: 10_000 }, 60_000);
    expect(await passFor('connect')).toBe('secret-1');
    await clock.advance(49_999);
    expect(await passFor('reconnect')).toBe('secret-1');
    await clock.advance(1);
    expect(await passFor('reconnect')).toBe('secret-2');
    expect(await passFor('connect')).toBe('secret-2');
  });

  it('reckons the lifetime of a JWT from a clock that is ahead once, from its arrival', async () => {
    const clock = new VirtualClock();
    const issuedAt = clock.now() / 1_000 + 3_600;
    const claims = Buffer.from(JSON.stringify({ iat: issuedAt, exp: issuedAt + 120 })).toString('base64url');
    const provider = withCache(
      { getUserInfo: () => ({ token: `e30.${claims}.x` }) },
      { clock, minRemaining: 1 },
    );
    const expiresAt = clock.now() + 120_000;
    await provider.getUserInfo(requestFor('connect'));
    await clock.advance(60_000);
    const again = await provider.getUserInfo(requestFor('reconnect'));
    expect(new ResolvedUserInfo(again, clock.now()).expiresAt).toBe(expiresAt);
  });

  it('keeps a minute unless told otherwise', async () => {
    const { clock, passFor } = cached({}, 120_000);
    await passFor('connect');
    await clock.advance(59_999);
    expect(await passFor('connect')).toBe('secret-1');
    await clock.advance(1);
    expect(await passFor('connect')).toBe('secret-2');
  });

  it('gives user info without a known expiry for no longer than it is told, by default never', async () => {
    const never = cached({});
    expect([await never.passFor('connect'), await never.passFor('connect')]).toEqual([
      'secret-1',
      'secret-2',
    ]);
    const { clock, passFor } = cached({ maxAge: 1_000 });
    await passFor('connect');
    await clock.advance(999);
    expect(await passFor('connect')).toBe('secret-1');
    await clock.advance(1);
    expect(await passFor('connect')).toBe('secret-2');
  });

  it('gives nothing that was given for another role or registration', async () => {
    const provider = withCache(
      { getUserInfo: ({ role, connection }) => ({ user: `${role} of ${connection}`, pass: 'secret' }) },
      { maxAge: 60_000 },
    );
    const userFor = async (request: object) =>
      (await provider.getUserInfo({ ...requestFor('connect'), ...request })).user;
    expect(await userFor({ role: 'server' })).toBe('server of orders');
    expect(await userFor({ role: 'client' })).toBe('client of orders');
    expect(await userFor({ role: 'client', connection: 'billing' })).toBe('client of billing');
    expect(await userFor({ role: 'server' })).toBe('server of orders');
  });

  it('gives nothing from before the wall clock was set back by long', async () => {
    const { clock, passFor } = cached({ maxAge: 1_000 });
    await passFor('connect');
    clock.jump(-5_000);
    expect(await passFor('connect')).toBe('secret-2');
  });

  it.each(['rejected', 'expiring', 'changed', 'manual'] as const)(
    'asks for newer user info when the reason is %s, and gives that from then on',
    async (reason) => {
      const { passFor } = cached({}, 3_600_000);
      expect(await passFor('connect')).toBe('secret-1');
      expect(await passFor(reason)).toBe('secret-2');
      expect(await passFor('reconnect')).toBe('secret-2');
    },
  );

  it('does not give again what was rejected when asking for newer fails', async () => {
    const expiresAt = Date.UTC(2100, 0, 1);
    const provider = withCache(
      new ListedProvider({ token: 'first', expiresAt }, new Error('down'), { token: 'second', expiresAt }),
    );
    expect(await provider.getUserInfo(requestFor())).toMatchObject({ token: 'first' });
    await expect(provider.getUserInfo(requestFor('rejected'))).rejects.toThrow('down');
    expect(await provider.getUserInfo(requestFor('reconnect'))).toMatchObject({ token: 'second' });
  });

  it('does not take in rubbish', async () => {
    const inner = new ListedProvider({ token: '' }, { token: 'good' });
    const provider = withCache(inner, { maxAge: 60_000 });
    await expect(provider.getUserInfo(requestFor())).rejects.toMatchObject({ code: 'USER_INFO_INVALID' });
    expect(await provider.getUserInfo(requestFor())).toEqual({ token: 'good' });
  });

  it('tells of the changes of the provider', () => {
    const inner = new ListedProvider({ token: 't' });
    const changed = vi.fn();
    withCache(inner).watch?.(changed);
    inner.change();
    expect(changed).toHaveBeenCalledOnce();
  });

  it('shows no secret', async () => {
    const { passFor, provider } = cached({}, 3_600_000);
    await passFor('connect');
    expect(inspect(provider, { depth: Infinity, showHidden: true }) + JSON.stringify(provider)).not.toContain(
      'secret',
    );
  });

  it.each<[string, object]>([
    ['cache.minRemaining', { minRemaining: -1 }],
    ['cache.maxAge', { maxAge: '60' }],
    ['cache.ttl', { ttl: 60 }],
  ])('is refused with a wrong option by its name: %s', (option, options) => {
    const make = () => withCache(new ListedProvider({ token: 't' }), options);
    expect(make).toThrow(OptionsInvalidError);
    expect(make).toThrow(`'${option}'`);
  });
});
