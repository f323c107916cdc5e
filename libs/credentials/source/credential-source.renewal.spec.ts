import { describe, expect, it } from 'vitest';

import { UserInfoNotNewerError } from '../errors.js';
import { passOf, setUp, type SourceSetup, userInfoOf } from './source.fixture.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A connection whose user info, valid for an hour, is due to be renewed: the provider is being asked. */
async function due(setup: SourceSetup = {}, lifetimeMs = HOUR) {
  const all = setUp(setup);
  const inUse = await all.connects('pw-1', lifetimeMs);
  const hold = all.source.hold(inUse);
  const fraction = 0.7 + 0.2 * (setup.random?.() ?? 0.5);
  await all.clock.advance(Math.max(SECOND, Math.round(fraction * lifetimeMs)));
  const same = () => all.answer(inUse.reveal());
  return { ...all, inUse, hold, same };
}

describe('ahead of an expiry, user info that expires no later than what is in use', () => {
  it.each([
    ['the same', 'pw-1', 0.2 * HOUR],
    ['another one until the same moment', 'pw-2', 0.2 * HOUR],
    ['an older one', 'pw-0', 0.1 * HOUR],
  ])('is no renewal: %s', async (_, pass, lifetimeMs) => {
    const { clock, source, answer, inUse, newer, named } = await due();
    const refreshed = named('refreshed').length;
    await answer(userInfoOf(pass, clock, lifetimeMs));
    expect(newer).toEqual([]);
    expect(source.current).toBe(inUse);
    expect(named('refreshed')).toHaveLength(refreshed);
    expect(named('refreshFailed')).toMatchObject([
      {
        cause: 'not_newer',
        reason: 'expiring',
        attempt: 1,
        retryInMs: 125,
        validForMs: 0.2 * HOUR,
        error: { code: 'USER_INFO_NOT_NEWER', inUseUntil: inUse.expiresAt },
      },
    ]);
  });

  it('says when both expire, and what to do', async () => {
    const { same, named } = await due();
    await same();
    expect(named('refreshFailed')[0]?.error).toBeInstanceOf(UserInfoNotNewerError);
    expect(named('refreshFailed')[0]?.error.message).toBe(
      `The user info provider gave user info that expires at 2030-01-01T01:00:00.000Z, no later than what is in use` +
        ` (2030-01-01T01:00:00.000Z): it is no renewal. Let it fetch newer user info when 'reason' is 'expiring', past its own caches.`,
    );
  });

  it('makes the provider be asked again with backoff, until it gives a renewal', async () => {
    const { clock, provider, same, answer, newer, named } = await due({ random: () => 1 }, 4 * HOUR);
    for (const pauseMs of [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      await same();
      const calls = provider.calls.length;
      await clock.advance(pauseMs - 1);
      expect(provider.calls).toHaveLength(calls);
      await clock.advance(1);
      expect(provider.calls).toHaveLength(calls + 1);
    }
    expect(provider.call.request).toMatchObject({ reason: 'expiring', attempt: 10 });
    expect(named('refreshFailed').map(({ retryInMs }) => retryInMs)).toEqual([
      250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
    ]);
    await answer(userInfoOf('pw-2', clock, HOUR));
    expect(newer.map(({ userInfo }) => userInfo.reveal().pass)).toEqual(['pw-2']);
  });

  it('leaves time for another call before the expiry, however long the pauses are by then', async () => {
    const refresh = { retry: { initialDelay: HOUR, maxDelay: HOUR } };
    const { clock, provider, same, inUse } = await due({ random: () => 1, refresh });
    const calledAt: number[] = [];
    for (let call = 0; call < 3; call++) {
      await same();
      const calls = provider.calls.length;
      while (provider.calls.length === calls) await clock.advance(100);
      calledAt.push(((inUse.expiresAt ?? 0) - clock.now()) / MINUTE);
    }
    expect(calledAt.every((left) => left > 0)).toBe(true);
  });

  it('goes on being asked for while the server leaves a connection alone whose user info has expired', async () => {
    const expiresAt = Date.UTC(2030, 0, 1) + HOUR;
    const provider = { getUserInfo: () => ({ user: 'svc', pass: 'pw', expiresAt }) };
    const { clock, source, named, resolve } = setUp({ provider });
    const resolved = resolve();
    await clock.flush();
    source.hold(resolved.value);
    await clock.advance(2 * HOUR);
    const before = named('refreshFailed').length;
    await clock.advance(HOUR);
    expect(named('refreshFailed').length - before).toBe(240);
    expect(named('refreshFailed').at(-1)).toMatchObject({ cause: 'not_newer', validForMs: 0 });
    source.close();
  });

  it('makes no busy loop of lifetimes that are short', async () => {
    const { clock, provider, same, hold } = await due({ random: () => 1 }, 1_500);
    await clock.advance(500);
    for (const pauseMs of [250, 500, 1_000, 2_000]) {
      await same();
      const calls = provider.calls.length;
      await clock.advance(pauseMs - 1);
      expect(provider.calls).toHaveLength(calls);
      await clock.advance(1);
    }
    hold.use(undefined);
    await same();
    expect(clock.pending).toBe(0);
  });

  it('is asked for no more once the connection is lost, and is what a reconnect presents without waiting', async () => {
    const { clock, provider, same, hold, inUse, resolve, answer } = await due({ random: () => 1 });
    for (const pauseMs of [250, 500, 1_000]) {
      await same();
      await clock.advance(pauseMs);
    }
    await same();
    hold.use(undefined);
    const calls = provider.calls.length;
    const reconnecting = resolve();
    await clock.flush();
    expect(provider.calls).toHaveLength(calls + 1);
    expect(provider.call.request).toMatchObject({ reason: 'reconnect' });
    await answer(inUse.reveal());
    expect(passOf(reconnecting)).toBe('pw-1');
    await clock.advance(MINUTE);
    expect(provider.calls).toHaveLength(calls + 1);
  });

  it('is no answer to others who wait for the same call: they make one of their own', async () => {
    const { provider, same, source, inUse, resolve, clock } = await due();
    const reconnecting = resolve();
    await same();
    expect(provider.call.request).toMatchObject({ reason: 'reconnect', attempt: 2 });
    await same();
    expect(passOf(reconnecting)).toBe('pw-1');
    expect(source.current?.reveal()).toEqual(inUse.reveal());
    await clock.flush();
  });

  it('is told of as often as it is given, also when it came from a call that was made for another reason', async () => {
    const { clock, provider, resolve, answer, named, connects, source } = setUp();
    const inUse = await connects('pw-1', HOUR);
    source.hold(inUse);
    await clock.advance(0.8 * HOUR - 1);
    resolve();
    await clock.advance(1);
    await answer(inUse.reveal());
    expect(provider.call.request).toMatchObject({ reason: 'expiring' });
    await answer(inUse.reveal());
    expect(named('refreshFailed')).toMatchObject([{ cause: 'not_newer', attempt: 1 }]);
  });

  it('is measured by the one that expires first', async () => {
    const { clock, source, connects, answer, newer } = setUp();
    source.hold(await connects('pw-1', HOUR));
    await clock.advance(0.4 * HOUR);
    const second = await connects('pw-2', HOUR);
    source.hold(second);
    await clock.advance(0.4 * HOUR);
    // What a cache gives is newer than what is due, and that is enough.
    await answer(second.reveal());
    expect(newer.map(({ userInfo }) => userInfo.reveal().pass)).toEqual(['pw-2']);
  });
});

describe('what is no renewal is fine', () => {
  it('at a connect, and at each reconnect', async () => {
    const { clock, connects, named } = setUp();
    const first = await connects('pw-1', HOUR);
    await clock.advance(MINUTE);
    const second = await connects('pw-1', HOUR - MINUTE);
    expect(second.reveal()).toEqual(first.reveal());
    expect(named('refreshFailed')).toEqual([]);
  });

  it('after a rejection, when the provider gives the rejected user info again', async () => {
    const { clock, source, inUse, same, resolve, hold, named, provider } = await due();
    source.report(inUse, 'rejected');
    hold.use(undefined);
    const again = resolve();
    await clock.flush();
    await same();
    await clock.advance(100);
    expect(provider.call.request).toMatchObject({ reason: 'rejected' });
    await same();
    expect(passOf(again)).toBe('pw-1');
    expect(named('refreshFailed').filter(({ reason }) => reason === 'rejected')).toEqual([]);
  });

  it('for a refresh by hand: the application has asked for it', async () => {
    const { clock, source, answer, inUse, named, hold } = await due();
    hold.use(undefined);
    await clock.flush();
    const failures = named('refreshFailed').length;
    const refreshing = source.refresh();
    await answer(inUse.reveal());
    await answer(inUse.reveal());
    expect((await refreshing).reveal()).toEqual(inUse.reveal());
    expect(named('refreshFailed').length).toBeLessThanOrEqual(failures + 1);
  });
});
