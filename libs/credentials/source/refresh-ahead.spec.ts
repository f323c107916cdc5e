import { describe, expect, it } from 'vitest';

import { refreshDelay } from './refresh-ahead.js';
import { passOf, setUp, type SourceSetup, userInfoOf } from './source.fixture.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A live connection whose user info stays valid for `lifetimeMs`. */
async function live(lifetimeMs: number | undefined, setup: SourceSetup = {}) {
  const all = setUp(setup);
  const userInfo = await all.connects('pw-1', lifetimeMs);
  const hold = all.source.hold(userInfo);
  /** A rotation to what the provider gives. */
  const moves = async (pass: string, lifetimeMs: number) => {
    await all.answer(userInfoOf(pass, all.clock, lifetimeMs));
    hold.use(all.source.current);
  };
  return { ...all, userInfo, hold, release: hold.release, moves };
}

describe('refresh ahead', () => {
  it('comes at 0.8 of the lifetime and tells live connections of the new user info', async () => {
    const { clock, source, provider, answer, newer } = await live(HOUR);
    await clock.advance(0.8 * HOUR - 1);
    expect(provider.calls).toHaveLength(1);
    await clock.advance(1);
    expect(provider.calls).toHaveLength(2);
    expect(provider.call.request).toMatchObject({ reason: 'expiring', role: 'shared', attempt: 1 });
    expect(newer).toHaveLength(0);
    await answer(userInfoOf('pw-2', clock, HOUR));
    expect(newer).toEqual([{ cause: 'expiring', userInfo: source.current }]);
    expect(source.current?.reveal().pass).toBe('pw-2');
  });

  it.each([
    [0, 0.7],
    [0.25, 0.75],
    [0.5, 0.8],
    [1, 0.9],
  ])('is jittered by 0.1 to either side: with chance %s it comes at %s', async (random, fraction) => {
    const { clock, provider } = await live(HOUR, { random: () => random });
    await clock.advance(Math.floor(fraction * HOUR) - 1);
    expect(provider.calls).toHaveLength(1);
    await clock.advance(2);
    expect(provider.calls).toHaveLength(2);
  });

  it('spreads a fleet over its window evenly, and never comes after the expiry', () => {
    const settings = { fraction: 0.8, jitter: 0.2 };
    const delays = Array.from({ length: 1_000 }, (_, i) => refreshDelay(HOUR, settings, () => i / 1_000));
    expect(Math.min(...delays)).toBeCloseTo(0.6 * HOUR);
    expect(Math.max(...delays)).toBeLessThan(HOUR);
    expect(delays.filter((delay) => delay < 0.8 * HOUR)).toHaveLength(500);
  });

  it('goes on for as long as a connection is live', async () => {
    const { clock, moves, newer } = await live(HOUR);
    for (let i = 2; i <= 10; i++) {
      await clock.advance(0.8 * HOUR);
      await moves(`pw-${i}`, HOUR);
      expect(newer).toHaveLength(i - 1);
    }
  });

  it('is counted from the newest user info when the connection was established with it meanwhile', async () => {
    const { clock, provider, connects, hold } = await live(HOUR);
    await clock.advance(0.5 * HOUR);
    hold.use(await connects('pw-2', HOUR));
    await clock.advance(0.8 * HOUR - 1);
    expect(provider.calls).toHaveLength(2);
    await clock.advance(1);
    expect(provider.calls).toHaveLength(3);
  });

  it('shares its call with an establishment that begins meanwhile', async () => {
    const { clock, provider, resolve, answer, newer } = await live(HOUR);
    await clock.advance(0.8 * HOUR);
    const resolved = resolve();
    await answer(userInfoOf('pw-2', clock, HOUR));
    expect(passOf(resolved)).toBe('pw-2');
    expect(provider.calls).toHaveLength(2);
    expect(newer).toHaveLength(1);
  });

  it.each<[string, number | undefined, SourceSetup]>([
    ['the expiry is not known', undefined, {}],
    ['it is switched off', HOUR, { refresh: { ahead: false } }],
    ['the lifetime is shorter than a second', 999, {}],
    ['the user info has expired when it arrives', -HOUR, {}],
  ])('does not come, and sets no timer, when %s', async (_, lifetime, setup) => {
    const { clock, provider } = await live(lifetime, setup);
    expect(clock.pending).toBe(0);
    await clock.advance(2 * HOUR);
    expect(provider.calls).toHaveLength(1);
  });

  it('comes no more often than each second when lifetimes are short', async () => {
    const { clock, moves, provider } = await live(1_100);
    for (let second = 1; second <= 5; second++) {
      await clock.advance(999);
      expect(provider.calls).toHaveLength(second);
      await clock.advance(1);
      await moves('pw', 1_100);
    }
  });

  it('comes also when its fraction is a matter of ms', async () => {
    const { clock, provider } = await live(MINUTE, { refresh: { ahead: { fraction: 0.01, jitter: 0 } } });
    await clock.advance(SECOND);
    expect(provider.calls).toHaveLength(2);
  });
});

describe('refresh ahead and live connections', () => {
  it('sets no timer while there is none', async () => {
    const { clock, connects } = setUp();
    await connects('pw-1', HOUR);
    expect(clock.pending).toBe(0);
  });

  it('ends when the last of them lets go, however often one of them says so', async () => {
    const { clock, source, provider, release, userInfo } = await live(HOUR);
    const other = source.hold(userInfo);
    release();
    release();
    expect(clock.pending).toBe(1);
    other.release();
    expect(clock.pending).toBe(0);
    await clock.advance(HOUR);
    expect(provider.calls).toHaveLength(1);
  });

  it('aborts a refresh under way when the last of them lets go', async () => {
    const { clock, provider, release, newer } = await live(HOUR);
    await clock.advance(0.8 * HOUR);
    release();
    await clock.advance(HOUR);
    expect(provider.call.request.signal.aborted).toBe(true);
    expect(provider.calls).toHaveLength(2);
    expect(clock.pending).toBe(0);
    expect(newer).toHaveLength(0);
  });

  it('is aborted by the last to let go, also when another one came while it ran', async () => {
    const { clock, source, provider, release } = await live(HOUR);
    await clock.advance(0.8 * HOUR);
    const other = source.hold();
    await clock.advance(1);
    release();
    other.release();
    await clock.flush();
    expect(provider.call.request.signal.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('ends for all that came due while it failed when the last of them lets go', async () => {
    const { clock, source, provider, connects, release, fail } = await live(HOUR);
    await clock.advance(0.1 * HOUR);
    const other = source.hold(await connects('pw-2', HOUR));
    await clock.advance(0.7 * HOUR);
    await fail();
    await clock.advance(0.1 * HOUR);
    release();
    other.release();
    await clock.flush();
    const calls = provider.calls.length;
    expect(provider.call.request.signal.aborted).toBe(true);
    await clock.advance(HOUR);
    expect(provider.calls).toHaveLength(calls);
    expect(clock.pending).toBe(0);
  });

  it('begins again when one comes back', async () => {
    const { clock, source, provider, release, userInfo } = await live(HOUR);
    release();
    await clock.advance(0.5 * HOUR);
    source.hold(userInfo);
    await clock.advance(0.3 * HOUR);
    expect(provider.calls).toHaveLength(2);
  });

  it('runs once for all of them, also when one comes while it runs', async () => {
    const { clock, source, provider, moves, newer, userInfo } = await live(HOUR);
    source.hold(userInfo);
    await clock.advance(0.8 * HOUR);
    source.hold(userInfo);
    await clock.advance(1);
    expect(provider.calls).toHaveLength(2);
    await moves('pw-2', HOUR);
    expect(newer).toHaveLength(1);
    expect(clock.pending).toBe(1);
  });

  it('comes for the one whose user info expires first, whatever others got since', async () => {
    const { clock, source, provider, connects } = await live(HOUR);
    await clock.advance(0.4 * HOUR);
    source.hold(await connects('pw-2', HOUR));
    await clock.advance(0.4 * HOUR - 1);
    expect(provider.calls).toHaveLength(2);
    await clock.advance(1);
    expect(provider.calls).toHaveLength(3);
    expect(provider.call.request).toMatchObject({ reason: 'expiring' });
  });

  it('comes for what is in use, though a refresh gave newer user info that nobody uses', async () => {
    const { clock, source, provider, answer, newer } = await live(HOUR);
    await clock.advance(0.5 * HOUR);
    const refreshing = source.refresh();
    await answer(userInfoOf('pw-2', clock, HOUR));
    await refreshing;
    await clock.advance(0.3 * HOUR);
    expect(provider.calls).toHaveLength(3);
    await answer(userInfoOf('pw-3', clock, HOUR));
    expect(newer.map(({ cause }) => cause)).toEqual(['expiring']);
  });

  it('tells live connections of the result of a manual refresh that it joins', async () => {
    const { clock, source, provider, answer, newer } = await live(HOUR);
    await clock.advance(0.8 * HOUR - 1);
    const refreshing = source.refresh();
    await clock.advance(1);
    await answer(userInfoOf('pw-2', clock, HOUR));
    await refreshing;
    expect(provider.calls).toHaveLength(2);
    expect(newer.map(({ cause }) => cause)).toEqual(['expiring']);
  });

  it('does not come while the connection is lost', async () => {
    const { clock, provider, hold } = await live(HOUR);
    hold.use(undefined);
    expect(clock.pending).toBe(0);
    await clock.advance(HOUR);
    expect(provider.calls).toHaveLength(1);
  });
});

describe('when the next refresh ahead is planned', () => {
  const planned = ({ named }: Pick<ReturnType<typeof setUp>, 'named'>) =>
    named('refreshScheduled').map(({ at }) => at);

  it('is told each time that it changes, until nothing is in use', async () => {
    const all = await live(HOUR);
    const { clock, moves, release, source } = all;
    const startedAt = clock.now();
    source.hold(source.current).release();
    await clock.advance(0.8 * HOUR);
    await moves('pw-2', HOUR);
    release();
    // None is between the end of a refresh and the move to what it gave.
    const moments = [startedAt + 0.8 * HOUR, undefined, startedAt + 1.6 * HOUR, undefined];
    expect(planned(all)).toEqual(moments);
    expect(all.named('refreshScheduled')[0]).toMatchObject({ connection: 'orders', role: 'shared' });
  });

  it('stays where it was while the refresh that is due is under way, so that it is seen to be overdue', async () => {
    const all = await live(HOUR);
    const startedAt = all.clock.now();
    await all.clock.advance(0.9 * HOUR);
    await all.fail();
    expect(planned(all)).toEqual([startedAt + 0.8 * HOUR]);
    all.hold.use(undefined);
    expect(planned(all)).toEqual([startedAt + 0.8 * HOUR, undefined]);
  });
});

describe('refresh ahead and time', () => {
  it('comes within seconds after the machine was suspended past its moment', async () => {
    const { clock, provider } = await live(HOUR);
    await clock.advance(MINUTE);
    clock.jump(50 * MINUTE);
    await clock.advance(5 * SECOND);
    expect(provider.calls).toHaveLength(2);
  });

  it('comes within seconds after a clock that was slow has been set', async () => {
    const { clock, provider } = await live(8 * HOUR);
    clock.jump(7 * HOUR);
    await clock.advance(5 * SECOND);
    expect(provider.calls).toHaveLength(2);
  });

  it('waits for the wall clock after it was set back', async () => {
    const { clock, provider } = await live(HOUR);
    await clock.advance(0.5 * HOUR);
    clock.jump(-0.25 * HOUR);
    await clock.advance(0.5 * HOUR);
    expect(provider.calls).toHaveLength(1);
    await clock.advance(0.05 * HOUR);
    expect(provider.calls).toHaveLength(2);
  });

  it('does not come at once for lifetimes beyond the longest timer of Node.js', async () => {
    const year = 365 * 24 * HOUR;
    const { clock, provider } = await live(year);
    await clock.advance(MINUTE);
    expect(provider.calls).toHaveLength(1);
    clock.jump(0.8 * year - 2 * MINUTE);
    await clock.advance(MINUTE - 1);
    expect(provider.calls).toHaveLength(1);
    await clock.advance(1);
    expect(provider.calls).toHaveLength(2);
  });
});

describe('a refresh ahead that fails', () => {
  it('is retried with backoff until the provider answers, and the connection keeps what it has', async () => {
    const { clock, provider, source, userInfo, fail, answer, newer } = await live(HOUR);
    await clock.advance(0.8 * HOUR);
    for (const delay of [125, 250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000]) {
      await fail();
      expect(source.current).toBe(userInfo);
      const calls = provider.calls.length;
      await clock.advance(delay);
      expect(provider.calls).toHaveLength(calls + 1);
    }
    await answer(userInfoOf('pw-2', clock, HOUR));
    expect(newer).toHaveLength(1);
  });

  it('is tried again within what is left of the lifetime when the failure was not retryable', async () => {
    const { clock, provider, fail, answer, newer } = await live(HOUR);
    await clock.advance(0.8 * HOUR);
    await fail(Object.assign(new Error('no'), { retryable: false }));
    await clock.advance(0.8 * 0.2 * HOUR - 1);
    expect(provider.calls).toHaveLength(2);
    await clock.advance(1);
    expect(provider.calls).toHaveLength(3);
    await answer(userInfoOf('pw-2', clock, HOUR));
    expect(newer).toHaveLength(1);
  });

  it('makes no busy loop as the expiry comes near', async () => {
    const { clock, fail, provider } = await live(HOUR);
    for (let i = 0; i < 20; i++) {
      const calls = provider.calls.length;
      while (clock.pending > 0 && provider.calls.length === calls) await clock.advance(SECOND);
      if (clock.pending > 0) await fail(Object.assign(new Error('no'), { retryable: false }));
    }
    expect(clock.pending).toBe(0);
    expect(provider.calls.length).toBeLessThan(12);
  });
});
