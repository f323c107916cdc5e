import { describe, expect, it } from 'vitest';

import { passOf, setUp, userInfoOf } from './source.fixture.js';

const MINUTE = 60_000;

describe('each establishment', () => {
  it('presents user info of its own, from one provider call', async () => {
    const { provider, clock, connects, named } = setUp();
    const passwords: (string | undefined)[] = [];
    for (const pass of ['pw-1', 'pw-2', 'pw-3', 'pw-4']) {
      const userInfo = await connects(pass, 60 * MINUTE);
      passwords.push(userInfo.reveal().pass);
      await clock.advance(1);
    }
    expect(passwords).toEqual(['pw-1', 'pw-2', 'pw-3', 'pw-4']);
    expect(provider.calls).toHaveLength(4);
    expect(named('refreshed')).toHaveLength(4);
    expect(named('reused')).toHaveLength(0);
  });

  it('tells the provider who wants user info, for which server and why', () => {
    const { provider, resolve } = setUp();
    const previousError = new Error('Authorization Violation');
    resolve({ role: 'client', reason: 'rejected', server: 'nats-2:4222', previousError });
    expect(provider.call.request).toMatchObject({
      connection: 'orders',
      role: 'client',
      reason: 'rejected',
      server: 'nats-2:4222',
      attempt: 1,
      previousError,
    });
    expect(provider.call.request.signal.aborted).toBe(false);
  });

  it('is told of with an event that says how long the call took and shows no secret', async () => {
    const { clock, connects, named } = setUp();
    await connects('pw-1', MINUTE);
    const [refreshed] = named('refreshed');
    expect(refreshed).toMatchObject({
      connection: 'orders',
      reason: 'reconnect',
      role: 'server',
      attempt: 1,
      userInfo: { kind: 'user', resolvedAt: clock.now(), expiresAt: clock.now() + MINUTE },
    });
    expect(refreshed?.durationMs).toBeGreaterThanOrEqual(0);
    expect(JSON.stringify(refreshed)).not.toContain('pw-1');
  });

  it('takes user info that the provider returns without a promise', async () => {
    const { clock, resolve } = setUp({ provider: { getUserInfo: () => ({ user: 'svc', pass: 'sync' }) } });
    const resolved = resolve();
    await clock.flush();
    expect(passOf(resolved)).toBe('sync');
  });
});

describe('establishments that overlap', () => {
  it('share one call when they ask at the same time', async () => {
    const { provider, clock, resolve, answer, named } = setUp();
    const resolved = [resolve(), resolve(), resolve()];
    await answer(userInfoOf('pw-1', clock));
    expect(resolved.map(passOf)).toEqual(['pw-1', 'pw-1', 'pw-1']);
    expect(provider.calls).toHaveLength(1);
    expect(named('reused')).toMatchObject([
      { kind: 'shared', role: 'server', connection: 'orders' },
      { kind: 'shared', role: 'server' },
    ]);
  });

  it('share what was resolved as long as it is still being presented', async () => {
    const { provider, clock, source, presents, resolve, named } = setUp();
    const first = await presents('pw-1');
    await clock.advance(1_000);
    const second = resolve();
    await clock.flush();
    expect(passOf(second)).toBe('pw-1');
    source.report(first, 'accepted');
    const third = resolve();
    await clock.flush();
    expect(passOf(third)).toBe('pw-1');
    expect(provider.calls).toHaveLength(1);
    expect(named('reused').map(({ kind }) => kind)).toEqual(['shared', 'shared']);
  });

  it('share no more once each of them was accepted', async () => {
    const { provider, clock, source, presents, resolve } = setUp();
    const first = await presents('pw-1');
    const second = resolve();
    await clock.flush();
    source.report(first, 'accepted');
    source.report(first, 'accepted');
    expect(second.value).toBe(first);
    resolve();
    expect(provider.calls).toHaveLength(2);
  });

  it('share with one that was waiting for its turn to dial when the call was made, and with none that began later', async () => {
    const { provider, clock, connects, resolve, source } = setUp();
    const since = clock.now();
    await clock.advance(100);
    const userInfo = await connects('pw-1');
    await clock.advance(2_000);
    const waited = resolve({ since });
    await clock.flush();
    expect(passOf(waited)).toBe('pw-1');
    source.report(userInfo, 'accepted');
    resolve({ since: clock.now() });
    await clock.flush();
    expect(provider.calls).toHaveLength(2);
  });

  it('count anew for newer user info: a late word about the old one changes nothing', async () => {
    const { provider, clock, source, presents, resolve, answer } = setUp();
    const old = await presents('pw-1');
    void source.refresh();
    await answer(userInfoOf('pw-2', clock));
    const current = resolve();
    await answer(userInfoOf('pw-3', clock));
    source.report(old, 'failed');
    const sharing = resolve();
    await clock.flush();
    expect(passOf(current)).toBe('pw-3');
    expect(passOf(sharing)).toBe('pw-3');
    expect(provider.calls).toHaveLength(3);
  });

  it('wait for newer user info when a call for it is under way already', async () => {
    const { provider, clock, source, presents, resolve, answer } = setUp();
    await presents('pw-1');
    void source.refresh();
    const joining = resolve();
    await answer(userInfoOf('pw-2', clock));
    expect(passOf(joining)).toBe('pw-2');
    expect(provider.calls).toHaveLength(2);
  });

  it('do not share for longer than a call may take, so that a chain of them gets newer user info', async () => {
    const { provider, clock, presents, resolve } = setUp({ refresh: { timeout: 3_000 } });
    await presents('pw-1');
    await clock.advance(2_999);
    resolve();
    expect(provider.calls).toHaveLength(1);
    await clock.advance(1);
    resolve();
    expect(provider.calls).toHaveLength(2);
  });

  it('do not share for hours because the clock was set back', async () => {
    const { provider, clock, presents, resolve } = setUp();
    await presents('pw-1');
    clock.jump(-60 * MINUTE);
    resolve();
    expect(provider.calls).toHaveLength(2);
  });

  it('do not share what has expired', async () => {
    const { provider, clock, presents, resolve } = setUp();
    await presents('pw-1', 1_000);
    await clock.advance(1_000);
    resolve();
    expect(provider.calls).toHaveLength(2);
  });
});

describe('an establishment that is given up', () => {
  it('aborts the provider call that nobody else waits for', async () => {
    const { provider, clock, resolve, named } = setUp();
    const giveUp = new AbortController();
    const resolved = resolve({ signal: giveUp.signal });
    const reason = new Error('given up');
    giveUp.abort(reason);
    await clock.flush();
    expect(resolved.error).toBe(reason);
    expect(provider.call.request.signal.aborted).toBe(true);
    expect(clock.pending).toBe(0);
    expect(named('refreshFailed')).toMatchObject([{ cause: 'cancelled' }]);
  });

  it('does not disturb another that waits for the same call', async () => {
    const { provider, clock, resolve, answer } = setUp();
    const giveUp = new AbortController();
    const gone = resolve({ signal: giveUp.signal });
    const there = resolve();
    giveUp.abort(new Error('given up'));
    await answer(userInfoOf('pw-1', clock));
    expect(gone.state).toBe('rejected');
    expect(passOf(there)).toBe('pw-1');
    expect(provider.call.request.signal.aborted).toBe(false);
  });

  it('does not keep the next one from a call of its own, and what its provider returns late is dropped', async () => {
    const { provider, clock, source, resolve, answer } = setUp();
    const giveUp = new AbortController();
    resolve({ signal: giveUp.signal });
    giveUp.abort(new Error('given up'));
    const next = resolve();
    const [abandoned] = provider.calls;
    await answer(userInfoOf('pw-late', clock), abandoned);
    expect(next.state).toBe('pending');
    expect(source.current).toBeUndefined();
    await answer(userInfoOf('pw-2', clock));
    expect(passOf(next)).toBe('pw-2');
  });

  it('makes no call when it was given up before it began', async () => {
    const { provider, clock, resolve } = setUp();
    const reason = new Error('given up');
    const abort = new AbortController();
    abort.abort(reason);
    const resolved = resolve({ signal: abort.signal });
    await clock.flush();
    expect(resolved.error).toBe(reason);
    expect(provider.calls).toHaveLength(0);
  });
});

describe('with reuse', () => {
  const refresh = { reuse: MINUTE, ahead: false as const };

  it('user info is presented again without a call while it stays valid for longer than that', async () => {
    const { provider, clock, connects, named } = setUp({ refresh });
    const first = await connects('pw-1', 3 * MINUTE);
    await clock.advance(2 * MINUTE - 1);
    expect(await connects('pw-2')).toBe(first);
    expect(provider.calls).toHaveLength(1);
    expect(named('reused')).toMatchObject([{ kind: 'cached', role: 'server' }]);
  });

  it('it is not once no more than that remains', async () => {
    const { provider, clock, connects } = setUp({ refresh });
    await connects('pw-1', 3 * MINUTE);
    await clock.advance(2 * MINUTE);
    const second = await connects('pw-2');
    expect(second.reveal().pass).toBe('pw-2');
    expect(provider.calls).toHaveLength(2);
  });

  it('it is not when its expiry is not known', async () => {
    const { provider, connects } = setUp({ refresh });
    await connects('pw-1');
    await connects('pw-2');
    expect(provider.calls).toHaveLength(2);
  });

  it('it is not after a rejection, however long it would stay valid', async () => {
    const { provider, clock, source, connects, resolve, answer } = setUp({ refresh });
    source.report(await connects('pw-1', 60 * MINUTE), 'rejected');
    const next = resolve();
    await clock.advance(100);
    expect(next.state).toBe('pending');
    await answer(userInfoOf('pw-2', clock));
    expect(passOf(next)).toBe('pw-2');
    expect(provider.calls).toHaveLength(2);
  });
});

describe('a refresh by hand', () => {
  it('calls the provider and leaves live connections as they are', async () => {
    const { clock, source, provider, answer, connects, newer } = setUp();
    await connects('pw-1', 60 * MINUTE);
    const refreshing = source.refresh();
    expect(provider.call.request).toMatchObject({ reason: 'manual', role: 'shared' });
    await answer(userInfoOf('pw-2', clock));
    const userInfo = await refreshing;
    expect(userInfo.reveal().pass).toBe('pw-2');
    expect(source.current).toBe(userInfo);
    expect(newer).toEqual([]);
  });

  it('shares its call with another one', async () => {
    const { clock, source, provider, answer } = setUp();
    const refreshing = [source.refresh(), source.refresh()];
    await answer(userInfoOf('pw-1', clock));
    const [one, other] = await Promise.all(refreshing);
    expect(one).toBe(other);
    expect(provider.calls).toHaveLength(1);
  });

  it('fails when the provider failed as often as a first connect allows', async () => {
    const { clock, source, provider } = setUp({ refresh: { retry: { maxAttempts: 2 } } });
    const refreshing = source.refresh();
    const error = new Error('provider down');
    const failed = expect(refreshing).rejects.toMatchObject({ code: 'USER_INFO_UNAVAILABLE', cause: error });
    provider.call.fail(new Error('first'));
    await clock.advance(1_000);
    provider.call.fail(error);
    await failed;
    await clock.advance(MINUTE);
    expect(provider.calls).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  it('fails with the reason of the caller who gave it up', async () => {
    const { clock, source, provider } = setUp();
    const giveUp = new AbortController();
    const reason = new Error('given up');
    const failed = expect(source.refresh(giveUp.signal)).rejects.toBe(reason);
    giveUp.abort(reason);
    await failed;
    expect(provider.call.request.signal.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });
});
