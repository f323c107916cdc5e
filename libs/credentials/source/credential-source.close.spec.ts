import { describe, expect, it } from 'vitest';

import { ClosedError } from '../../base/index.js';
import { setUp, userInfoOf } from './source.fixture.js';

const HOUR = 3_600_000;
const closed = { code: 'CLOSED', message: `The credential source of connection 'orders' is closed.` };

describe('close', () => {
  it('ends every wait with one clear error and aborts the provider', async () => {
    const { clock, provider, source, resolve, named } = setUp();
    const abort = new AbortController();
    const waits = [resolve(), resolve({ role: 'client', firstConnect: true, signal: abort.signal })];
    const refreshing = expect(source.refresh()).rejects.toMatchObject(closed);
    source.close();
    await clock.flush();
    await refreshing;
    for (const { error } of waits) expect(error).toMatchObject(closed);
    expect(provider.call.request.signal.reason).toBeInstanceOf(ClosedError);
    expect(named('refreshFailed')).toMatchObject([{ cause: 'cancelled' }]);
    expect(clock.pending).toBe(0);
  });

  it('is safe to call again, and before anything was asked', () => {
    const { source } = setUp();
    source.close();
    expect(() => source.close()).not.toThrow();
  });

  it('refuses what comes after', async () => {
    const { clock, provider, source, resolve } = setUp();
    source.close();
    const late = resolve();
    await expect(source.refresh()).rejects.toMatchObject(closed);
    expect(late.error).toMatchObject(closed);
    source.hold().release();
    expect(clock.pending).toBe(0);
    expect(provider.calls).toHaveLength(0);
  });

  it('forgets the user info', async () => {
    const { source, connects } = setUp();
    const userInfo = await connects('pw-1', HOUR);
    source.close();
    expect(source.current).toBeUndefined();
    expect(() => source.report(userInfo, 'rejected')).not.toThrow();
  });

  it('does not present stale user info in its place', async () => {
    const { clock, source, connects, resolve } = setUp();
    await connects('pw-1', HOUR);
    const resolved = resolve();
    source.close();
    await clock.flush();
    expect(resolved.error).toMatchObject(closed);
  });

  it('leaves no timer during a call', async () => {
    const { clock, source, resolve } = setUp();
    resolve();
    expect(clock.pending).toBe(1);
    source.close();
    await clock.flush();
    expect(clock.pending).toBe(0);
  });

  it('leaves no timer between two retries', async () => {
    const { clock, source, provider, resolve, fail } = setUp();
    const resolved = resolve();
    await fail();
    expect(clock.pending).toBe(1);
    source.close();
    await clock.advance(HOUR);
    expect(resolved.error).toMatchObject(closed);
    expect(clock.pending).toBe(0);
    expect(provider.calls).toHaveLength(1);
  });

  it('leaves no timer after a rejection', async () => {
    const { clock, source, provider, resolve, presents } = setUp();
    source.report(await presents('pw-1'), 'rejected');
    const resolved = resolve();
    source.close();
    await clock.advance(HOUR);
    expect(resolved.error).toMatchObject(closed);
    expect(clock.pending).toBe(0);
    expect(provider.calls).toHaveLength(1);
  });

  it('leaves no alarm for a refresh ahead', async () => {
    const { clock, source, connects } = setUp();
    const hold = source.hold(await connects('pw-1', HOUR));
    expect(clock.pending).toBe(1);
    source.close();
    expect(clock.pending).toBe(0);
    hold.release();
    expect(clock.pending).toBe(0);
  });

  it('leaves no timer during a refresh ahead, and none after its failure', async () => {
    const { clock, source, provider, connects } = setUp();
    source.hold(await connects('pw-1', HOUR));
    await clock.advance(0.8 * HOUR);
    expect(provider.calls).toHaveLength(2);
    source.close();
    await clock.advance(HOUR);
    expect(clock.pending).toBe(0);
    expect(provider.calls).toHaveLength(2);
  });

  it('drops what the provider returns afterwards', async () => {
    const { clock, source, resolve, answer, named } = setUp();
    source.hold();
    resolve();
    source.close();
    await answer(userInfoOf('late', clock, HOUR));
    expect(source.current).toBeUndefined();
    expect(clock.pending).toBe(0);
    expect(named('refreshed')).toHaveLength(0);
  });

  it('holds also when a listener closes the source in the very moment of success', async () => {
    const { clock, source, events, resolve, answer } = setUp();
    source.hold();
    events.on('refreshed', () => source.close());
    const resolved = resolve();
    await answer(userInfoOf('pw-1', clock, HOUR));
    expect(resolved.error).toMatchObject(closed);
    expect(source.current).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  it.each(['refreshed', 'refreshFailed'] as const)(
    'is not prevented, nor anything else, by a listener of %s that throws',
    async (event) => {
      const { clock, source, events, listenerErrors, resolve, answer, fail } = setUp();
      const unheard = new Error('listener');
      events.on(event, () => {
        throw unheard;
      });
      const resolved = resolve();
      const refreshing = source.refresh();
      await fail();
      await clock.advance(125);
      await answer(userInfoOf('pw-1', clock, HOUR));
      expect(resolved.value).toBe(await refreshing);
      expect(listenerErrors).toEqual([unheard]);
      source.close();
      expect(clock.pending).toBe(0);
    },
  );
});
