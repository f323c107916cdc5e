import { describe, expect, it } from 'vitest';

import { passOf, setUp, type SourceSetup, userInfoOf } from './source.fixture.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const thrown = (more: object) => Object.assign(new Error('no'), more);

/** Dials again two seconds after each establishment that failed, as a connection does that was lost. */
function dialling(setup: SourceSetup, failure: () => Error, dials: number) {
  const calledAt: number[] = [];
  const attempts: number[] = [];
  const all = setUp({
    random: () => 1,
    ...setup,
    provider: {
      getUserInfo: ({ attempt }) => {
        calledAt.push((all.clock.now() - startedAt) / SECOND);
        attempts.push(attempt);
        throw failure();
      },
    },
  });
  const startedAt = all.clock.now();
  const over = (async () => {
    for (let dial = 0; dial < dials; dial++) {
      await all.source.resolve({ role: 'server', reason: 'reconnect', firstConnect: false }).catch(() => {});
      await new Promise<void>((resolve) => all.clock.after(2 * SECOND, resolve));
    }
  })();
  return { ...all, over, calledAt, attempts };
}

describe('a provider whose failures end each establishment', () => {
  it.each<[string, SourceSetup, () => Error]>([
    ['are not retryable', {}, () => thrown({ retryable: false })],
    [
      'come after maxAttemptsAfterConnect',
      { refresh: { retry: { maxAttemptsAfterConnect: 1 } } },
      () => thrown({}),
    ],
  ])('is called later and later when they %s, and its attempts count on', async (_, setup, failure) => {
    const { clock, calledAt, attempts, source } = dialling(setup, failure, 14);
    await clock.advance(5 * MINUTE);
    expect(calledAt).toEqual([0, 2, 4, 6, 8, 12, 20, 36, 66, 96, 126, 156, 186, 216]);
    expect(attempts).toEqual(Array.from({ length: 14 }, (__, i) => i + 1));
    source.close();
  });

  it('goes on with longer pauses where the establishment before has ended', async () => {
    const refresh = { retry: { initialDelay: SECOND, maxAttemptsAfterConnect: 3 } };
    const { clock, calledAt, source } = dialling({ refresh }, () => thrown({}), 2);
    await clock.advance(5 * MINUTE);
    expect(calledAt).toEqual([0, 1, 3, 7, 15, 31]);
    source.close();
  });

  it.each([true, false])('is called no sooner than it asks for itself (retryable: %s)', async (retryable) => {
    const refresh = { retry: { maxAttemptsAfterConnect: 1 } };
    const failure = () => thrown({ retryable, retryAfterMs: 20 * SECOND });
    const { clock, calledAt, source } = dialling({ refresh }, failure, 3);
    await clock.advance(5 * SECOND);
    source.hurry();
    source.beginAfresh();
    await clock.advance(MINUTE);
    expect(calledAt).toEqual([0, 20, 40]);
    source.close();
  });

  it.each(['hurry', 'beginAfresh'] as const)(
    'is called at once when there is a sign of change (%s), and the pauses begin anew',
    async (sign) => {
      const { clock, calledAt, source } = dialling({}, () => thrown({ retryable: false }), 14);
      await clock.advance(70 * SECOND);
      source[sign]();
      await clock.advance(8 * SECOND);
      expect(calledAt.slice(8)).toEqual([66, 70, 72, 74, 76, 78]);
      source.close();
    },
  );

  it('is asked again with attempt 1 once it has given something', async () => {
    const { clock, source, provider, resolve, answer, fail } = setUp();
    resolve();
    await fail(thrown({ retryable: false }));
    const later = resolve();
    await clock.advance(250);
    expect(provider.call.request).toMatchObject({ attempt: 2, previousError: { message: 'no' } });
    await answer(userInfoOf('pw', clock));
    expect(passOf(later)).toBe('pw');
    if (later.value) source.report(later.value, 'accepted');
    resolve();
    await clock.flush();
    expect(provider.call.request).toMatchObject({ attempt: 1, previousError: undefined });
  });

  it('is not waited for by an establishment that has something valid to present', async () => {
    const { provider, connects, resolve, fail, clock, source } = setUp({ random: () => 1 });
    const first = await connects('pw', HOUR);
    for (let dial = 0; dial < 10; dial++) {
      const resolved = resolve();
      await clock.flush();
      if (provider.calls.length === 2 && dial === 0) await fail(thrown({ retryAfterMs: MINUTE }));
      expect(resolved.value).toBe(first);
      source.report(first, 'accepted');
      await clock.advance(5 * SECOND);
    }
    expect(provider.calls).toHaveLength(2);
  });
});

describe('a failure tells when the next call follows', () => {
  const retryInMs = ({ named }: Pick<ReturnType<typeof setUp>, 'named'>) =>
    named('refreshFailed').map((failed) => failed.retryInMs);

  it('while somebody waits for it, and not any more when nobody does', async () => {
    const all = setUp({ random: () => 1, refresh: { retry: { maxAttempts: 3 } } });
    all.resolve({ firstConnect: true });
    for (const pauseMs of [0, 250, 500]) {
      await all.clock.advance(pauseMs);
      await all.fail();
    }
    expect(retryInMs(all)).toEqual([250, 500, undefined]);
  });

  it('when the next dial makes it', async () => {
    const all = setUp({ random: () => 1 });
    all.resolve();
    await all.fail(thrown({ retryable: false, retryAfterMs: 700 }));
    expect(retryInMs(all)).toEqual([700]);
  });

  it('not when the establishment has presented what is still valid', async () => {
    const all = setUp();
    await all.connects('pw', HOUR);
    all.resolve();
    await all.fail();
    expect(retryInMs(all)).toEqual([undefined]);
  });

  it('not when it was given up', async () => {
    const all = setUp();
    const giveUp = new AbortController();
    all.resolve({ signal: giveUp.signal });
    giveUp.abort(new Error('given up'));
    await all.clock.flush();
    expect(all.named('refreshFailed')).toMatchObject([{ cause: 'cancelled' }]);
    expect(retryInMs(all)).toEqual([undefined]);
  });
});
