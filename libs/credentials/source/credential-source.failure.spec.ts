import { describe, expect, it } from 'vitest';

import { ClosedError } from '../../base/index.js';
import { UserInfoTimeoutError, UserInfoUnavailableError } from '../errors.js';
import { jwtOf } from '../../base/secrets.fixture.js';
import { passOf, setUp, userInfoOf } from './source.fixture.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const notRetryable = () => Object.assign(new Error('account deleted'), { retryable: false });
const down = () => {
  throw new Error('provider down');
};

describe('a provider that does not answer', () => {
  it('is aborted after refresh.timeout and called again; what it returns late is dropped', async () => {
    const { clock, provider, resolve, answer, named } = setUp({ refresh: { timeout: 2_000 } });
    const resolved = resolve();
    await clock.advance(2_000);
    const [late] = provider.calls;
    expect(late?.request.signal.aborted).toBe(true);
    expect(named('refreshFailed')).toMatchObject([{ cause: 'timeout', attempt: 1 }]);
    await clock.advance(125);
    await answer(userInfoOf('late', clock), late);
    expect(resolved.state).toBe('pending');
    await answer(userInfoOf('pw-2', clock));
    expect(passOf(resolved)).toBe('pw-2');
    expect(provider.call.request.previousError).toBeInstanceOf(UserInfoTimeoutError);
  });
});

describe('a failure of the provider is told with its cause', () => {
  it.each<[cause: string, what: string, getUserInfo: () => never]>([
    ['error', 'it throws', down],
    [
      'error',
      'something of its own was closed',
      () => {
        throw new ClosedError('A connection of the provider');
      },
    ],
    ['invalid', 'it returns rubbish', () => ({ pasword: 'p' }) as never],
    ['invalid', 'it returns nothing', () => undefined as never],
  ])('%s: %s', async (cause, _, getUserInfo) => {
    const { clock, resolve, named, source } = setUp({ provider: { getUserInfo } });
    const resolved = resolve();
    await clock.flush();
    expect(named('refreshFailed')).toMatchObject([
      { cause, attempt: 1, connection: 'orders', role: 'server' },
    ]);
    expect(resolved.state).toBe('pending');
    source.close();
  });
});

it('a failure of the provider tells how long what is in use stays valid, if something is', async () => {
  const { clock, source, connects, resolve, fail, named } = setUp();
  const userInfo = await connects('pw', HOUR);
  const hold = source.hold(userInfo);
  const failing = async () => {
    resolve();
    await fail();
    source.report(userInfo, 'accepted');
    await clock.advance(MINUTE);
    return named('refreshFailed').at(-1)?.validForMs;
  };
  const [inUse, lost] = [await failing(), (hold.use(undefined), await failing())];
  expect([inUse, lost]).toEqual([HOUR, undefined]);
});

describe('the first connect', () => {
  it('fails after retry.maxAttempts calls, with the last failure of the provider as cause', async () => {
    const { clock, provider, resolve, fail } = setUp({ refresh: { retry: { maxAttempts: 3 } } });
    const resolved = resolve({ firstConnect: true, reason: 'connect' });
    for (const message of ['one', 'two']) {
      await fail(new Error(message));
      expect(resolved.state).toBe('pending');
      await clock.advance(MINUTE / 60);
    }
    const last = new Error('three');
    await fail(last);
    expect(resolved.error).toBeInstanceOf(UserInfoUnavailableError);
    expect(resolved.error).toMatchObject({
      code: 'USER_INFO_UNAVAILABLE',
      cause: last,
      message: `The user info provider of connection 'orders' failed: three`,
    });
    await clock.advance(HOUR);
    expect(provider.calls).toHaveLength(3);
    expect(clock.pending).toBe(0);
  });

  it('does not quote a token that the provider put into its error', async () => {
    const { clock, resolve, fail } = setUp({ refresh: { retry: { maxAttempts: 1 } } });
    const resolved = resolve({ firstConnect: true });
    const jwt = jwtOf({ sub: 'svc' });
    await fail(new Error(`401 for ${jwt}`));
    await clock.flush();
    expect((resolved.error as Error).message).toMatch(/failed: 401 for \[redacted\]$/);
  });

  it('gives up for itself, while a later establishment goes on waiting for the same call', async () => {
    const { clock, provider, resolve, fail, answer } = setUp({ refresh: { retry: { maxAttempts: 2 } } });
    const later = resolve({ role: 'client', firstConnect: false });
    await fail();
    const first = resolve({ firstConnect: true });
    await clock.advance(1_000);
    await fail();
    expect(first.state).toBe('pending');
    await clock.advance(1_000);
    await fail();
    expect(first.error).toBeInstanceOf(UserInfoUnavailableError);
    expect(later.state).toBe('pending');
    await clock.advance(1_000);
    await answer(userInfoOf('pw', clock));
    expect(passOf(later)).toBe('pw');
    expect(provider.calls).toHaveLength(4);
  });
});

describe('a later establishment', () => {
  it('waits for its provider for ever, with a call every half a minute at most', async () => {
    const { clock, resolve, named, source } = setUp({ provider: { getUserInfo: down }, random: () => 1 });
    const resolved = resolve();
    await clock.advance(HOUR);
    expect(resolved.state).toBe('pending');
    const before = named('refreshFailed').length;
    expect(before).toBeGreaterThan(100);
    await clock.advance(HOUR);
    expect(named('refreshFailed').length - before).toBe(120);
    source.close();
  });

  it('gives up after retry.maxAttemptsAfterConnect calls when told so', async () => {
    const retry = { maxAttempts: 1, maxAttemptsAfterConnect: 3 };
    const { clock, resolve, named } = setUp({ provider: { getUserInfo: down }, refresh: { retry } });
    const resolved = resolve();
    await clock.advance(HOUR);
    expect(resolved.error).toBeInstanceOf(UserInfoUnavailableError);
    expect(named('refreshFailed')).toHaveLength(3);
  });

  it('retries with exponential backoff and full jitter', async () => {
    const chances = [1, 0.5, 0.25];
    const { clock, provider, resolve, fail } = setUp({ random: () => chances.shift() ?? 1 });
    resolve();
    for (const delay of [250, 250, 250, 2_000]) {
      const calls = provider.calls.length;
      await fail();
      await clock.advance(delay - 1);
      expect(provider.calls).toHaveLength(calls);
      await clock.advance(1);
      expect(provider.calls).toHaveLength(calls + 1);
    }
  });

  it('is not asked once more when the last who waited has given up, also where chance leaves no pause', async () => {
    const retry = { maxAttempts: 1, maxAttemptsAfterConnect: 3 };
    const { clock, resolve, named } = setUp({
      provider: { getUserInfo: down },
      refresh: { retry },
      random: () => 0,
    });
    const resolved = resolve();
    await clock.advance(HOUR);
    expect(resolved.error).toBeInstanceOf(UserInfoUnavailableError);
    expect(named('refreshFailed').map(({ cause }) => cause)).toEqual(['error', 'error', 'error']);
  });

  it('begins a new backoff with attempt 1 after a success', async () => {
    const { clock, provider, resolve, fail, answer, source } = setUp();
    const first = resolve();
    await fail();
    await clock.advance(125);
    await fail();
    await clock.advance(250);
    expect(provider.call.request.attempt).toBe(3);
    await answer(userInfoOf('pw-1', clock));
    if (first.value) source.report(first.value, 'rejected');
    const calls = provider.calls.length;
    resolve();
    await clock.advance(50);
    expect(provider.call.request).toMatchObject({ attempt: 1, previousError: undefined });
    await fail();
    await clock.advance(125);
    expect(provider.calls).toHaveLength(calls + 2);
  });

  it.each([true, false])(
    'fails at once when the failure is not retryable (first connect: %s)',
    async (firstConnect) => {
      const { clock, provider, resolve, fail } = setUp();
      const resolved = resolve({ firstConnect });
      const error = notRetryable();
      await fail(error);
      expect(resolved.error).toMatchObject({ code: 'USER_INFO_UNAVAILABLE', cause: error });
      await clock.advance(HOUR);
      expect(provider.calls).toHaveLength(1);
      expect(clock.pending).toBe(0);
    },
  );
});

describe('while the provider fails, an establishment', () => {
  it.each([
    ['fails', () => new Error('provider down')],
    ['fails for good', notRetryable],
  ])('presents the user info it has at once when the call %s', async (_, error) => {
    const { clock, provider, connects, resolve, fail, named } = setUp();
    const first = await connects('pw-1', HOUR);
    const stale = resolve();
    await clock.flush();
    expect(stale.state).toBe('pending');
    await fail(error());
    expect(stale.value).toBe(first);
    expect(named('reused')).toMatchObject([{ kind: 'stale', role: 'server' }]);
    await clock.advance(MINUTE);
    expect(provider.calls).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  it('presents the user info it has when the provider times out', async () => {
    const { clock, connects, resolve } = setUp();
    const first = await connects('pw-1');
    const stale = resolve();
    await clock.advance(5_000);
    expect(stale.value).toBe(first);
  });

  it('does not wait for the next failure when it joins a call that is failing', async () => {
    const { clock, source, connects, resolve, fail, named } = setUp();
    const first = await connects('pw-1', HOUR);
    void source.refresh().catch(() => {});
    await fail();
    const stale = resolve();
    await clock.flush();
    expect(stale.value).toBe(first);
    expect(named('reused')).toMatchObject([{ kind: 'stale', role: 'server' }]);
    source.close();
  });

  it('tries the provider again with backoff, and presents its answer as soon as there is one', async () => {
    const { clock, source, provider, connects, resolve, fail, answer } = setUp({ random: () => 1 });
    const first = await connects('pw-1', HOUR);
    for (const pauseMs of [250, 500, 1_000]) {
      const stale = resolve();
      await fail();
      expect(stale.value).toBe(first);
      source.report(first, 'failed');
      await clock.advance(pauseMs - 1);
      const again = resolve();
      await clock.flush();
      expect(again.value).toBe(first);
      source.report(first, 'failed');
      await clock.advance(1);
    }
    const fresh = resolve();
    await answer(userInfoOf('pw-2', clock));
    expect(passOf(fresh)).toBe('pw-2');
    expect(provider.calls).toHaveLength(5);
  });

  it('never presents what the server has rejected', async () => {
    const { clock, source, connects, resolve, fail } = setUp();
    source.report(await connects('pw-1', HOUR), 'rejected');
    const resolved = resolve();
    await clock.advance(100);
    await fail();
    await clock.advance(1_000);
    expect(resolved.state).toBe('pending');
    source.close();
  });

  it('never presents what has expired, to the ms', async () => {
    const { clock, source, connects, resolve, fail } = setUp();
    const first = await connects('pw-1', MINUTE);
    await clock.advance(MINUTE - 1);
    const stale = resolve();
    await fail();
    expect(stale.value).toBe(first);
    source.report(first, 'failed');
    await clock.advance(1);
    const expired = resolve();
    await fail();
    expect(expired.state).toBe('pending');
    source.close();
  });
});
