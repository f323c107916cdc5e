import { describe, expect, it } from 'vitest';

import { passOf, setUp, userInfoOf } from './source.fixture.js';

const HOUR = 3_600_000;

describe('after a rejection', () => {
  it('the user info is gone for everyone', async () => {
    const { source, connects } = setUp();
    const userInfo = await connects('pw-1', HOUR);
    expect(source.current).toBe(userInfo);
    source.report(userInfo, 'rejected');
    expect(source.current).toBeUndefined();
  });

  it('an overlapping establishment does not share it', async () => {
    const { clock, provider, source, presents, resolve, answer } = setUp();
    const rejected = await presents('pw-1', HOUR);
    const sharing = resolve();
    await clock.flush();
    expect(sharing.value).toBe(rejected);
    source.report(rejected, 'rejected');
    const next = resolve();
    await clock.advance(100);
    expect(provider.calls).toHaveLength(2);
    await answer(userInfoOf('pw-2', clock));
    expect(passOf(next)).toBe('pw-2');
  });

  it.each([
    ['server', 'server'],
    ['client', 'shared'],
  ] as const)('the next call has reason rejected, also when the %s role asks', async (role, told) => {
    const { clock, provider, source, connects, resolve } = setUp();
    source.report(await connects('pw-1', HOUR), 'rejected');
    resolve({ role, reason: 'reconnect' });
    await clock.advance(100);
    expect(provider.call.request).toMatchObject({ role: told, reason: 'rejected' });
  });

  it('the reason is reconnect again once the server has accepted', async () => {
    const { clock, provider, source, presents, resolve, answer } = setUp();
    source.report(await presents('pw-1'), 'rejected');
    const next = resolve();
    await clock.advance(100);
    await answer(userInfoOf('pw-2', clock));
    if (next.value) source.report(next.value, 'accepted');
    resolve();
    expect(provider.call.request.reason).toBe('reconnect');
  });

  it('the provider is called after a delay, which grows with each rejection in a row and is bounded', async () => {
    const { clock, provider, source, resolve, answer, presents } = setUp({ random: () => 1 });
    let userInfo = await presents('pw', HOUR);
    for (const delay of [100, 200, 400, 800, 1_000, 1_000]) {
      source.report(userInfo, 'rejected');
      const calls = provider.calls.length;
      const next = resolve();
      await clock.advance(delay - 1);
      expect(provider.calls).toHaveLength(calls);
      await clock.advance(1);
      expect(provider.calls).toHaveLength(calls + 1);
      await answer(userInfoOf('pw', clock, HOUR));
      if (next.value) userInfo = next.value;
    }
  });

  it('the delay is spread by chance', async () => {
    const { clock, provider, source, resolve, presents } = setUp({ random: () => 0.25 });
    source.report(await presents('pw'), 'rejected');
    resolve();
    await clock.advance(24);
    expect(provider.calls).toHaveLength(1);
    await clock.advance(1);
    expect(provider.calls).toHaveLength(2);
  });

  it('an acceptance ends the row: the next rejection waits as shortly as the first', async () => {
    const { clock, provider, source, resolve, answer, presents } = setUp({ random: () => 1 });
    source.report(await presents('pw-1'), 'rejected');
    const second = resolve();
    await clock.advance(100);
    await answer(userInfoOf('pw-2', clock));
    if (second.value) {
      source.report(second.value, 'accepted');
      source.report(second.value, 'rejected');
    }
    resolve();
    await clock.advance(100);
    expect(provider.calls).toHaveLength(3);
  });

  it('a failed connection says nothing about it: neither ends the row nor rejects', async () => {
    const { clock, provider, source, resolve, answer, presents } = setUp({ random: () => 1 });
    source.report(await presents('pw-1'), 'rejected');
    const second = resolve();
    await clock.advance(100);
    await answer(userInfoOf('pw-2', clock));
    if (second.value) source.report(second.value, 'failed');
    expect(source.current).toBe(second.value);
    await clock.advance(250);
    resolve();
    await clock.advance(99);
    expect(provider.calls).toHaveLength(2);
    await clock.advance(1);
    expect(provider.calls).toHaveLength(3);
  });

  it('two connections that hear of the same rejection count as one', async () => {
    const { clock, provider, source, resolve, presents } = setUp({ random: () => 1 });
    const userInfo = await presents('pw-1');
    resolve({ role: 'client' });
    await clock.flush();
    source.report(userInfo, 'rejected');
    source.report(userInfo, 'rejected');
    resolve();
    await clock.advance(100);
    expect(provider.calls).toHaveLength(2);
  });

  it('of older user info, the newer one stays in use', async () => {
    const { clock, source, connects, answer } = setUp();
    const old = await connects('pw-1', HOUR);
    const refreshing = source.refresh();
    await answer(userInfoOf('pw-2', clock, HOUR));
    source.report(old, 'rejected');
    expect(source.current).toBe(await refreshing);
  });

  it('an establishment that is given up during the delay leaves no timer and makes no call', async () => {
    const { clock, provider, source, presents, resolve } = setUp();
    source.report(await presents('pw-1'), 'rejected');
    const giveUp = new AbortController();
    const next = resolve({ signal: giveUp.signal });
    await clock.flush();
    expect(clock.pending).toBe(1);
    giveUp.abort(new Error('given up'));
    await clock.flush();
    expect(next.state).toBe('rejected');
    expect(clock.pending).toBe(0);
    expect(provider.calls).toHaveLength(1);
  });
});
