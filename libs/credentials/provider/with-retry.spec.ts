import { describe, expect, it, vi } from 'vitest';

import { OptionsInvalidError, VirtualClock } from '../../base/index.js';
import { OpenProvider, requestWith } from './provider.fixture.js';
import { watch } from '../../base/watch.fixture.js';
import type { UserInfoProvider } from './user-info-provider.js';
import { withRetry } from './with-retry.js';

function retried(providerOn: (clock: VirtualClock) => UserInfoProvider, random = () => 1) {
  const clock = new VirtualClock();
  const controller = new AbortController();
  const onRetry = vi.fn();
  const policy = { clock, random, onRetry, initialDelay: 100, maxDelay: 1_000, factor: 2 };
  const provider = withRetry(providerOn(clock), policy);
  const called = watch(Promise.resolve(provider.getUserInfo(requestWith(controller.signal))));
  return { clock, controller, called, onRetry };
}

describe('a failing provider', () => {
  it.each([
    ['after all of it when chance says so', 1, [100, 200, 400, 800, 1_000, 1_000]],
    ['half-way when chance says so', 0.5, [50, 100, 200, 400, 500, 500]],
    ['at once when chance says so', 0, [1, 1, 1, 1, 1, 1]],
  ])('is called again within an exponential backoff: %s', async (_, random, delays) => {
    const moments: number[] = [];
    const failing = (clock: VirtualClock): UserInfoProvider => ({
      getUserInfo: () => {
        moments.push(clock.now());
        throw new Error('failure');
      },
    });
    const { clock, controller } = retried(failing, () => random);
    for (const delay of delays) await clock.advance(delay);
    controller.abort(new Error('enough'));
    await clock.flush();
    expect(moments.slice(1).map((at, i) => at - (moments[i] ?? 0))).toEqual(delays);
    expect(clock.pending).toBe(0);
  });

  it('is told the number of its attempt and how the one before failed', async () => {
    const provider = new OpenProvider();
    const { clock, called, onRetry } = retried(() => provider);
    const first = new Error('first');
    provider.call.fail(first);
    await clock.advance(100);
    expect(provider.call.request).toMatchObject({ attempt: 2, previousError: first });
    expect(onRetry).toHaveBeenCalledExactlyOnceWith(first, 1);
    provider.call.answer({ token: 't' });
    await clock.flush();
    expect(called.value).toEqual({ token: 't' });
    expect(clock.pending).toBe(0);
  });

  it.each<[string, unknown]>([
    ['an error', Object.assign(new Error('no'), { retryable: false })],
    ['an object', { retryable: false }],
  ])('is not called again after it threw %s that is marked as not retryable', async (_, thrown) => {
    const provider = new OpenProvider();
    const { clock, called, onRetry } = retried(() => provider);
    provider.call.fail(thrown);
    await clock.advance(60_000);
    expect(called.error).toMatchObject({ retryable: false });
    expect(provider.calls).toHaveLength(1);
    expect(onRetry).not.toHaveBeenCalled();
  });

  it('is not called again after the abort of a call under way', async () => {
    const provider = new OpenProvider();
    const { clock, controller, called, onRetry } = retried(() => provider);
    controller.abort(new Error('closed'));
    provider.call.fail(controller.signal.reason);
    await clock.advance(60_000);
    expect(onRetry).not.toHaveBeenCalled();
    expect(called.error).toBe(controller.signal.reason);
    expect(provider.calls).toHaveLength(1);
  });

  it('is not called again, and leaves no timer, after an abort between two calls', async () => {
    const provider = new OpenProvider();
    const { clock, controller, called } = retried(() => provider);
    provider.call.fail(new Error('first'));
    await clock.advance(50);
    controller.abort(new Error('closed'));
    await clock.flush();
    expect(called.error).toBe(controller.signal.reason);
    expect(clock.pending).toBe(0);
    await clock.advance(60_000);
    expect(provider.calls).toHaveLength(1);
  });
});

describe('an error that says when to come back', () => {
  it.each([
    ['is waited for that long', 5_000, 5_000],
    ['does not shorten the backoff', 20, 100],
    ['is not believed beyond five minutes', 86_400_000, 300_000],
    ['is ignored when it makes no sense', Number.NaN, 100],
  ])('%s', async (_, retryAfterMs, expected) => {
    const provider = new OpenProvider();
    const { clock, controller } = retried(() => provider);
    provider.call.fail(Object.assign(new Error('slow down'), { retryAfterMs }));
    await clock.advance(expected - 1);
    expect(provider.calls).toHaveLength(1);
    await clock.advance(1);
    expect(provider.calls).toHaveLength(2);
    controller.abort(new Error('enough'));
  });
});

it('is called as often as the policy allows, then its last error is thrown', async () => {
  const clock = new VirtualClock();
  const provider = new OpenProvider();
  const called = watch(
    Promise.resolve(
      withRetry(provider, { maxAttempts: 2, clock, random: () => 1 }).getUserInfo(requestWith()),
    ),
  );
  provider.call.fail(new Error('first'));
  await clock.advance(250);
  const last = new Error('second');
  provider.call.fail(last);
  await clock.flush();
  expect(called.error).toBe(last);
  expect(provider.calls).toHaveLength(2);
  expect(clock.pending).toBe(0);
});

it.each([
  ['maxAttempts', 0],
  ['maxAttempts', NaN],
  ['initialDelay', NaN],
  // A timer holds no more, and would ring at once.
  ['initialDelay', 2 ** 31],
  ['maxDelay', Infinity],
  ['factor', 0.5],
])('a policy with %s of %s is refused', (option, value) => {
  expect(() => withRetry(new OpenProvider(), { [option]: value })).toThrow(
    expect.objectContaining({ code: 'OPTIONS_INVALID', option: `withRetry.${option}` }) as Error,
  );
});

it('does not call again for a fault of our own options', async () => {
  const provider = new OpenProvider();
  const fault = new OptionsInvalidError('secret', 'the function gave undefined.');
  const called = watch(Promise.resolve(withRetry(provider).getUserInfo(requestWith())));
  provider.call.fail(fault);
  await new VirtualClock().flush();
  expect(called.error).toBe(fault);
  expect(provider.calls).toHaveLength(1);
});
