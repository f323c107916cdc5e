import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { UserInfoProvider } from '../provider/user-info-provider.js';
import { setUp } from './source.fixture.js';

let warnings: string[];
beforeEach(() => {
  warnings = [];
  const warned = vi
    .spyOn(process, 'emitWarning')
    .mockImplementation((warning) => void warnings.push(String(warning)));
  return () => warned.mockRestore();
});

type Source = ReturnType<typeof setUp>;

/** How an application makes each refresh bring about the next change. */
const loops: [
  string,
  {
    answer?: 'at once' | 'later' | 'never';
    inCall?: boolean;
    on?: 'refreshed' | 'refreshFailed';
  },
][] = [
  ['in getUserInfo(), which answers at once', { answer: 'at once', inCall: true }],
  ['in getUserInfo(), which answers later', { answer: 'later', inCall: true }],
  ['in getUserInfo(), which fails', { answer: 'never', inCall: true }],
  ['when it hears that it was asked', { answer: 'at once', on: 'refreshed' }],
  ['when it hears of newer user info', { answer: 'later', on: 'refreshed' }],
  ['when it hears of a failure', { answer: 'never', on: 'refreshFailed' }],
];

describe.each(loops)('a provider that tells of a change %s', (_, { answer, inCall, on }) => {
  it('is asked again with pauses that grow, and is reported', async () => {
    let calls = 0;
    let ready = false;
    let changed = () => {};
    const provider: UserInfoProvider = {
      getUserInfo: () => {
        calls++;
        if (inCall) changed();
        const userInfo = { user: 'svc', pass: `pw-${calls}` };
        if (!ready || answer === 'at once') return userInfo;
        return answer === 'later' ? Promise.resolve(userInfo) : Promise.reject(new Error('not there'));
      },
      watch: (callback) => {
        changed = callback;
        return () => {};
      },
    };
    const setup: Source = setUp({ provider, random: () => 1 });
    const { clock, source, resolve, events } = setup;
    const first = resolve();
    await clock.flush();
    if (first.value) source.report(first.value, 'accepted');
    source.hold(first.value);
    ready = true;
    if (on) events.on(on, () => void Promise.resolve().then(changed));
    changed();
    await clock.advance(2_000);
    expect(calls).toBeLessThan(20);
    await clock.advance(600_000);
    // Half a minute is the longest pause; where the provider fails, each is followed by a backoff from its beginning.
    expect(calls).toBeLessThan(200);
    if (answer !== 'never')
      expect(warnings).toEqual([expect.stringMatching(/'orders' called back again and again/)]);
    source.close();
    await clock.flush();
    expect(clock.pending).toBe(0);
  });
});

describe('changes that come by themselves', () => {
  it('are each followed at once, also one a second, and one during the refresh for another', async () => {
    let calls = 0;
    let changed = () => {};
    const provider: UserInfoProvider = {
      getUserInfo: () => Promise.resolve({ user: 'svc', pass: `pw-${++calls}` }),
      watch: (callback) => {
        changed = callback;
        return () => {};
      },
    };
    const { clock, source, resolve } = setUp({ provider });
    const first = resolve();
    await clock.flush();
    source.hold(first.value);
    for (let change = 1; change <= 30; change++) {
      const before = calls;
      changed();
      if (change % 10 === 0) changed();
      await clock.flush();
      expect(calls - before).toBeGreaterThanOrEqual(1);
      await clock.advance(1_000);
    }
    expect(warnings).toEqual([]);
    source.close();
  });

  it('end the pause of a call that has failed', async () => {
    let fails = true;
    let calls = 0;
    let changed = () => {};
    const provider: UserInfoProvider = {
      getUserInfo: () => {
        calls++;
        return fails ? Promise.reject(new Error('half-written')) : Promise.resolve({ token: 'whole' });
      },
      watch: (callback) => {
        changed = callback;
        return () => {};
      },
    };
    const { clock, source } = setUp({ provider, random: () => 1 });
    source.hold();
    changed();
    await clock.advance(5_000);
    const before = calls;
    fails = false;
    changed();
    await clock.flush();
    expect(calls).toBeGreaterThan(before);
    expect(source.current?.reveal()).toEqual({ token: 'whole' });
    source.close();
  });
});
