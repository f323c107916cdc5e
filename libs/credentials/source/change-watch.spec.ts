import { describe, expect, it } from 'vitest';

import { OpenProvider } from '../provider/provider.fixture.js';
import { setUp, userInfoOf } from './source.fixture.js';

/** A provider that tells of changes when the test says so. */
class ChangingProvider extends OpenProvider {
  readonly listeners = new Set<() => void>();

  watch(changed: () => void): () => void {
    this.listeners.add(changed);
    return () => this.listeners.delete(changed);
  }

  change(): void {
    for (const listener of this.listeners) listener();
  }
}

async function connected() {
  const provider = new ChangingProvider();
  const setup = setUp({ provider });
  const resolved = setup.resolve();
  await setup.clock.flush();
  await setup.answer(userInfoOf('first', setup.clock), provider.call);
  if (resolved.value) setup.source.report(resolved.value, 'accepted');
  const hold = setup.source.hold(resolved.value);
  return { ...setup, provider, hold, release: hold.release };
}

describe('a provider that tells of a change', () => {
  it('is asked again, and live connections hear of what it gives', async () => {
    const { clock, provider, answer, newer, named } = await connected();
    provider.change();
    await clock.flush();
    expect(provider.call.request).toMatchObject({ reason: 'changed', role: 'shared' });
    await answer(userInfoOf('second', clock), provider.call);
    expect(newer.map(({ userInfo }) => userInfo.reveal().pass)).toEqual(['second']);
    expect(newer.map(({ cause }) => cause)).toEqual(['changed']);
    expect(named('refreshed').map(({ reason }) => reason)).toEqual(['reconnect', 'changed']);
  });

  it('and gives the same again has changed nothing: live connections hear of nothing', async () => {
    const { clock, provider, source, answer, newer, named } = await connected();
    const { current } = source;
    const refreshing = source.refresh();
    await clock.flush();
    provider.change();
    await clock.flush();
    for (let call = 0; call < 2; call++) await answer(userInfoOf('first', clock), provider.call);
    await refreshing;
    expect(provider.calls.map(({ request }) => request.reason)).toEqual(['reconnect', 'manual', 'changed']);
    expect(newer).toEqual([]);
    expect(named('refreshFailed')).toEqual([]);
    provider.change();
    await clock.flush();
    const before = source.current;
    await answer(userInfoOf('first', clock), provider.call);
    expect(source.current).toBe(before);
    expect(source.current?.reveal()).toEqual(current?.reveal());
    expect(newer).toEqual([]);
  });

  it('and gives the same again moves a connection all the same that may be dialled with what was there before', async () => {
    const { clock, provider, hold, answer, newer } = await connected();
    hold.use(undefined);
    provider.change();
    await clock.flush();
    await answer(userInfoOf('first', clock), provider.call);
    expect(newer).toHaveLength(1);
  });

  it('and gives something else with the same expiry is followed', async () => {
    const { clock, provider, hold, source, answer, newer, named } = await connected();
    for (const pass of ['second', 'third']) {
      provider.change();
      await clock.flush();
      await answer({ user: 'svc', pass, expiresAt: Date.UTC(2031, 0, 1) }, provider.call);
      hold.use(source.current);
    }
    expect(newer.map(({ userInfo }) => userInfo.reveal().pass)).toEqual(['second', 'third']);
    expect(named('refreshFailed')).toEqual([]);
  });

  it('is asked once more for all changes that it tells of during a call', async () => {
    const { clock, provider, answer, newer } = await connected();
    for (let change = 0; change < 3; change++) provider.change();
    await clock.flush();
    await answer(userInfoOf('second', clock), provider.call);
    expect(provider.calls).toHaveLength(3);
    await answer(userInfoOf('third', clock), provider.call);
    expect(provider.calls).toHaveLength(3);
    expect([...new Set(newer.map(({ userInfo }) => userInfo.reveal().pass))]).toEqual(['second', 'third']);
  });

  it('is asked again after a call that began before the change', async () => {
    const { clock, provider, source, answer } = await connected();
    const refreshing = source.refresh();
    await clock.flush();
    provider.change();
    await clock.flush();
    await answer(userInfoOf('old', clock), provider.call);
    await refreshing;
    expect(provider.calls).toHaveLength(3);
  });

  it('is watched only while a connection is up', async () => {
    const { provider, source, release } = await connected();
    expect(provider.listeners.size).toBe(1);
    release();
    expect(provider.listeners.size).toBe(0);
    source.hold();
    expect(provider.listeners.size).toBe(1);
    source.close();
    expect(provider.listeners.size).toBe(0);
    source.hold();
    expect(provider.listeners.size).toBe(0);
  });

  it('that fails then is retried until the source is closed', async () => {
    const { clock, provider, source, newer } = await connected();
    provider.change();
    await clock.flush();
    provider.call.fail(new Error('half-written'));
    await clock.advance(60_000);
    expect(provider.calls.length).toBeGreaterThan(2);
    source.close();
    await clock.flush();
    expect(clock.pending).toBe(0);
    expect(newer).toEqual([]);
  });
});
