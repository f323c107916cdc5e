import { describe, expect, it } from 'vitest';

import { UserInfoInvalidError, UserInfoTimeoutError } from '../errors.js';
import { VirtualClock } from '../../base/index.js';
import { MARK } from '../../base/secrets.fixture.js';
import { requestWith } from './provider.fixture.js';
import type { UserInfoProvider } from './user-info-provider.js';
import { type TracedCall, withTracing } from './with-tracing.js';

const clock = new VirtualClock();

async function traced(provider: UserInfoProvider, signal?: AbortSignal) {
  const calls: TracedCall[] = [];
  const tracing = withTracing(provider, (call) => calls.push(call), clock);
  const outcome = await Promise.resolve(tracing.getUserInfo(requestWith(signal))).catch(
    (error: unknown) => error,
  );
  return { calls, outcome };
}

const failing = (thrown: unknown): UserInfoProvider => ({
  getUserInfo: () => {
    throw thrown;
  },
});

describe('a traced call', () => {
  it('that succeeds is told with kind and expiry, and without its secret', async () => {
    const userInfo = { user: 'svc', pass: MARK, expiresAt: clock.now() + 1_000 };
    const { calls, outcome } = await traced({ getUserInfo: () => userInfo });
    expect(outcome).toBe(userInfo);
    expect(calls).toEqual([
      {
        connection: 'orders',
        reason: 'connect',
        role: 'server',
        attempt: 1,
        durationMs: expect.any(Number) as number,
        userInfo: { kind: 'user', resolvedAt: clock.now(), expiresAt: clock.now() + 1_000 },
      },
    ]);
    expect(JSON.stringify(calls)).not.toContain(MARK);
  });

  const aborted = AbortSignal.abort(new Error('closed'));
  it.each<[string, unknown, AbortSignal | undefined]>([
    ['error', new Error('down'), undefined],
    ['timeout', new UserInfoTimeoutError(5_000), undefined],
    ['invalid', new UserInfoInvalidError('token', 'is empty'), undefined],
    ['cancelled', new Error('closed'), aborted],
    ['timeout', new UserInfoTimeoutError(5_000), aborted],
  ])('that fails is told with its cause: %s', async (cause, error, signal) => {
    const { calls, outcome } = await traced(failing(error), signal);
    expect(outcome).toBe(error);
    expect(calls).toMatchObject([{ cause, error, durationMs: expect.any(Number) as number }]);
    expect(calls[0]).not.toHaveProperty('userInfo');
  });

  it('that throws at once is one that fails', async () => {
    const { calls } = await traced({
      getUserInfo: () => {
        throw new Error('down');
      },
    });
    expect(calls).toMatchObject([{ cause: 'error' }]);
  });

  it('that throws no error is told with one', async () => {
    const { calls } = await traced(failing('down'));
    expect(calls[0]?.error).toMatchObject({ message: 'down' });
  });

  it('is told once, also when its listener throws', async () => {
    let told = 0;
    const tracing = withTracing({ getUserInfo: () => ({ token: 't' }) }, () => {
      told++;
      throw new Error('a listener');
    });
    expect(await tracing.getUserInfo(requestWith())).toEqual({ token: 't' });
    expect(told).toBe(1);
  });
});
