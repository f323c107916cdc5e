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
  return { ...setup, provider, release: setup.source.hold().release };
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
