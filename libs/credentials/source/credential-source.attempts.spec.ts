import { describe, expect, it } from 'vitest';

import { Pauses } from '../../base/index.js';
import { passOf, setUp, userInfoOf } from './source.fixture.js';

const HOUR = 3_600_000;

describe('while servers cannot be used for another reason than the credentials', () => {
  it('the provider is called with backoff, though each dial wants user info', async () => {
    const { clock, provider, source, resolve, answer } = setUp({ random: () => 1 });
    const calledAt: number[] = [];
    const startedAt = clock.now();
    for (let dial = 0; dial < 80; dial++) {
      const calls = provider.calls.length;
      const resolved = resolve();
      await clock.flush();
      if (provider.calls.length > calls) {
        calledAt.push(clock.now() - startedAt);
        await answer(userInfoOf('pw', clock, HOUR));
      }
      if (resolved.value) source.report(resolved.value, 'failed');
      await clock.advance(200);
    }
    expect(calledAt).toEqual([0, 400, 1_000, 2_000, 4_000, 8_000]);
  });

  it('user info that expires soon is not presented again', async () => {
    const { clock, provider, source, resolve, presents } = setUp({ random: () => 1 });
    source.report(await presents('pw-1', 200), 'failed');
    resolve();
    await clock.flush();
    expect(provider.calls).toHaveLength(2);
  });

  it('a rejection ends that, and so does the first dial that succeeds', async () => {
    const { clock, provider, source, resolve, presents, connects } = setUp({ random: () => 1 });
    source.report(await presents('pw-1', HOUR), 'failed');
    const again = resolve();
    await clock.flush();
    expect(passOf(again)).toBe('pw-1');
    if (again.value) source.report(again.value, 'accepted');
    await connects('pw-2', HOUR);
    expect(provider.calls).toHaveLength(2);
    const third = await presents('pw-3', HOUR);
    source.report(third, 'failed');
    source.report(third, 'rejected');
    resolve();
    await clock.advance(100);
    expect(provider.calls).toHaveLength(4);
  });
});

describe('an attempt that somebody asks for', () => {
  it('does not wait for what the server has rejected before, and says that it did', async () => {
    const { clock, provider, source, resolve, answer } = setUp({ random: () => 1 });
    for (let rejection = 0; rejection < 3; rejection++) {
      const rejected = resolve();
      await clock.advance(1_000);
      await answer(userInfoOf('wrong', clock));
      if (rejected.value) source.report(rejected.value, 'rejected');
    }
    source.beginAfresh();
    resolve({ reason: 'connect', firstConnect: true });
    await clock.flush();
    expect(provider.calls).toHaveLength(4);
    // A cache that knows nothing of the rejection would give the same again.
    expect(provider.call.request.reason).toBe('rejected');
  });

  it.each(['refresh', 'beginAfresh'] as const)(
    '%s() ends the pause of a call that failed, and the next one is short again',
    async (ask) => {
      const { clock, provider, source, resolve, fail } = setUp({ random: () => 1 });
      const waiting = resolve();
      for (const pauseMs of [0, 250, 500, 1_000, 2_000]) {
        await clock.advance(pauseMs);
        await fail();
      }
      expect(provider.calls).toHaveLength(5);
      void source[ask]()?.catch(() => {});
      await clock.flush();
      expect(provider.calls).toHaveLength(6);
      await fail();
      await clock.advance(250);
      expect(provider.calls).toHaveLength(7);
      provider.call.answer(userInfoOf('pw', clock));
      await clock.flush();
      expect(passOf(waiting)).toBe('pw');
    },
  );

  it('waits as long as the provider itself has asked for', async () => {
    const { clock, provider, source, resolve, fail } = setUp();
    void resolve();
    await fail(Object.assign(new Error('too many requests'), { retryAfterMs: 10_000 }));
    void source.refresh().catch(() => {});
    await clock.advance(9_999);
    expect(provider.calls).toHaveLength(1);
    await clock.advance(1);
    expect(provider.calls).toHaveLength(2);
    source.close();
  });
});

describe('a sign of life', () => {
  it('ends the pause of a call that failed, and not the one after a rejection', async () => {
    const { clock, provider, source, resolve, presents, fail } = setUp({ random: () => 1 });
    source.report(await presents('wrong'), 'rejected');
    resolve();
    source.hurry();
    await clock.advance(99);
    expect(provider.calls).toHaveLength(1);
    await clock.advance(1);
    await fail();
    source.hurry();
    await clock.flush();
    expect(provider.calls).toHaveLength(3);
  });

  it('is a call of another source of the provider that succeeds', async () => {
    const shared = setUp();
    const pauses = new Pauses(shared.clock);
    const [server, client] = [
      setUp({ role: 'server', clock: shared.clock, pauses }),
      setUp({ role: 'client', clock: shared.clock, pauses }),
    ];
    client.resolve({ role: 'client' });
    await client.fail();
    await server.connects('pw', HOUR);
    expect(client.provider.calls).toHaveLength(2);
  });
});
