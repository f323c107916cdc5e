import { getEventListeners } from 'node:events';

import { describe, expect, it } from 'vitest';

import { UserInfoTimeoutError } from '../errors.js';
import { VirtualClock } from '../../base/index.js';
import { OpenProvider, requestWith } from './provider.fixture.js';
import { watch } from '../../base/watch.fixture.js';
import type { UserInfoProvider } from './user-info-provider.js';
import { withTimeout } from './with-timeout.js';

function bounded(provider: UserInfoProvider = new OpenProvider()) {
  const clock = new VirtualClock();
  const controller = new AbortController();
  const call = () => watch(withTimeout(provider, 5_000, clock).getUserInfo(requestWith(controller.signal)));
  const expectNothingLeft = () => {
    expect(clock.pending).toBe(0);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  };
  return { clock, controller, call, expectNothingLeft };
}

describe('a provider call with a time-out', () => {
  it('gives what the provider returns in time, and leaves neither timer nor listener', async () => {
    const provider = new OpenProvider();
    const { clock, call, expectNothingLeft } = bounded(provider);
    const called = call();
    await clock.advance(4_999);
    provider.call.answer({ token: 't' });
    await clock.flush();
    expect(called).toEqual({ state: 'fulfilled', value: { token: 't' } });
    expect(provider.call.request.signal.aborted).toBe(false);
    expectNothingLeft();
  });

  it('fails after the time-out and aborts the signal that the provider got', async () => {
    const provider = new OpenProvider();
    const { clock, call, expectNothingLeft } = bounded(provider);
    const called = call();
    await clock.advance(4_999);
    expect(called.state).toBe('pending');
    await clock.advance(1);
    expect(called.error).toBeInstanceOf(UserInfoTimeoutError);
    expect(provider.call.request.signal.reason).toBe(called.error);
    expectNothingLeft();
  });

  it.each<[string, (provider: OpenProvider) => void]>([
    ['result', (provider) => provider.call.answer({ token: 'late' })],
    ['failure', (provider) => provider.call.fail(new Error('late'))],
  ])('drops a %s that arrives after the time-out', async (_, arrive) => {
    const provider = new OpenProvider();
    const { clock, call } = bounded(provider);
    const called = call();
    await clock.advance(5_000);
    arrive(provider);
    await clock.flush();
    expect(called.error).toBeInstanceOf(UserInfoTimeoutError);
  });

  it('fails at once with the reason when it is aborted, and aborts the provider', async () => {
    const provider = new OpenProvider();
    const { clock, controller, call, expectNothingLeft } = bounded(provider);
    const called = call();
    const reason = new Error('closed');
    controller.abort(reason);
    await clock.flush();
    expect(called.error).toBe(reason);
    expect(provider.call.request.signal.reason).toBe(reason);
    expectNothingLeft();
  });

  it('does not call the provider at all when it is aborted before', async () => {
    const provider = new OpenProvider();
    const { clock, controller, call, expectNothingLeft } = bounded(provider);
    controller.abort(new Error('closed'));
    const called = call();
    await clock.flush();
    expect(called.error).toBe(controller.signal.reason);
    expect(provider.calls).toHaveLength(0);
    expectNothingLeft();
  });

  it('fails, and leaves nothing, when the provider throws instead of rejecting', async () => {
    const thrown = new Error('sync');
    const { clock, call, expectNothingLeft } = bounded({
      getUserInfo: () => {
        throw thrown;
      },
    });
    const called = call();
    await clock.flush();
    expect(called.error).toBe(thrown);
    expectNothingLeft();
  });

  it('takes what a provider returns without a promise', async () => {
    const { clock, call } = bounded({ getUserInfo: () => ({ token: 't' }) });
    const called = call();
    await clock.flush();
    expect(called.value).toEqual({ token: 't' });
  });
});

it('shows an aborted signal to a provider that looks at it only after the time-out', async () => {
  const clock = new VirtualClock();
  let late: AbortSignal | undefined;
  const provider: UserInfoProvider = {
    getUserInfo: async (request) => {
      await new Promise<void>((resolve) => clock.after(2_000, resolve));
      late = request.signal;
      return { token: 't' };
    },
  };
  const called = watch(withTimeout(provider, 1_000, clock).getUserInfo(requestWith()));
  await clock.advance(3_000);
  expect(called.error).toMatchObject({ code: 'USER_INFO_TIMEOUT' });
  expect(late?.reason).toBe(called.error);
});

it.each([Infinity, 2 ** 31, NaN, 0])('a time of %s, which no timer holds, is refused', (timeoutMs) => {
  expect(() => withTimeout({ getUserInfo: () => ({ token: 't' }) }, timeoutMs)).toThrow(
    /^Option 'withTimeout': expected a number of ms from 1/,
  );
});
