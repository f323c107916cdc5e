import { describe, expect, it } from 'vitest';

import { ResolvedUserInfo } from '../user-info/resolved-user-info.js';
import {
  currentOf,
  INITIAL,
  isAfterRejection,
  isKept,
  next,
  refusalsOf,
  type SourceChange,
  type SourceState,
} from './source-state.js';
import { CHANGES, CURRENT, OLD, STATES, transitions } from './source-state.fixture.js';

const after = (state: SourceState, ...changes: SourceChange[]) => changes.reduce(next, state);

describe('the states of a source', () => {
  it('change as follows, and in no other way', () => {
    expect(transitions().sort()).toEqual([
      'none --> closed: closed',
      'none --> usable: answered',
      'rejected --> closed: closed',
      'rejected --> none: accepted',
      'rejected --> usable: answered',
      'usable --> closed: closed',
      'usable --> none: suspected',
      'usable --> rejected: rejected',
      'usable --> rejected: suspected',
    ]);
  });

  it('end with the close', () => {
    for (const change of CHANGES) expect(next({ name: 'closed' }, change)).toEqual({ name: 'closed' });
  });

  it('are left as they are by a late word about user info that is not current, unless it was accepted', () => {
    for (const state of STATES) {
      for (const type of ['presented', 'rejected', 'suspected'] as const)
        expect(next(state, { type, userInfo: OLD })).toBe(state);
      const failed = { type: 'failed', userInfo: OLD, sent: true, at: 0, keepForMs: () => 1_000 } as const;
      expect(next(state, failed)).toBe(state);
    }
  });
});

describe('after a rejection', () => {
  const [rejected, suspected] = (['rejected', 'suspected'] as const).map((type) => ({
    type,
    userInfo: CURRENT.userInfo,
  }));
  const answered = { type: 'answered', answer: CURRENT } as const;
  const accepted = { type: 'accepted', userInfo: CURRENT.userInfo } as const;
  if (!rejected || !suspected) throw new Error('Both outcomes.');

  it('providers are told so until a server accepts something', () => {
    const states = [answered, rejected, answered, suspected, answered, accepted].map((_, i, all) =>
      after(INITIAL, ...all.slice(0, i + 1)),
    );
    expect(states.map(isAfterRejection)).toEqual([false, true, true, true, true, false]);
    expect(states.map(({ name }) => name)).toEqual([
      'usable',
      'rejected',
      'usable',
      'rejected',
      'usable',
      'usable',
    ]);
    expect(states.map(refusalsOf)).toEqual([0, 1, 1, 2, 2, 0]);
  });

  it('a new beginning forgets how many there were, and not that there was one', () => {
    const state = after(INITIAL, answered, rejected, { type: 'began afresh' });
    expect([refusalsOf(state), isAfterRejection(state)]).toEqual([0, true]);
  });
});

it('user info is kept for a while after a dial failed with it, for longer each time, until it is accepted', () => {
  const fail = (at: number): SourceChange => ({
    type: 'failed',
    userInfo: CURRENT.userInfo,
    sent: true,
    at,
    keepForMs: (unused) => unused * 100,
  });
  const kept = (state: SourceState, now: number) => state.name === 'usable' && isKept(state, now);
  const once = after(INITIAL, { type: 'answered', answer: CURRENT }, fail(0));
  expect([kept(once, 99), kept(once, 100)]).toEqual([true, false]);
  // What fails meanwhile makes it no longer.
  expect(kept(after(once, fail(50)), 100)).toBe(false);
  const twice = after(once, fail(100));
  expect([kept(twice, 299), kept(twice, 300)]).toEqual([true, false]);
  const accepted = after(twice, { type: 'accepted', userInfo: CURRENT.userInfo });
  expect([kept(accepted, 150), currentOf(accepted)]).toEqual([false, CURRENT.userInfo]);
  const soonOver = { userInfo: new ResolvedUserInfo({ token: 't', expiresAt: 1e11 + 50 }, 1e11) };
  const state = after(
    INITIAL,
    { type: 'answered', answer: { ...soonOver, audience: 'shared' } },
    { ...fail(1e11), ...soonOver },
  );
  expect(kept(state, 1e11)).toBe(false);
});

it('user info that no server has received is kept while a tenth of its lifetime is left, and after one has, only for a while', () => {
  const userInfo = new ResolvedUserInfo({ token: 't', expiresAt: 1e11 + 1_000 }, 1e11);
  const failed = (sent: boolean): SourceChange => ({
    type: 'failed',
    userInfo,
    sent,
    at: 1e11,
    keepForMs: () => 100,
  });
  const kept = (state: SourceState, afterMs: number) =>
    state.name === 'usable' && isKept(state, 1e11 + afterMs);
  const fetched = after(INITIAL, { type: 'answered', answer: { userInfo, audience: 'shared' } });
  const unsent = after(fetched, failed(false));
  expect([kept(unsent, 899), kept(unsent, 900)]).toEqual([true, false]);
  const sent = after(unsent, failed(true), failed(false));
  expect([kept(sent, 99), kept(sent, 100)]).toEqual([true, false]);
  const used = after(fetched, { type: 'accepted', userInfo }, failed(false));
  expect([kept(used, 99), kept(used, 100)]).toEqual([true, false]);
});

it('counts who is presenting user info, and starts anew with the next one', () => {
  const presented = { type: 'presented', userInfo: CURRENT.userInfo } as const;
  const state = after(INITIAL, { type: 'answered', answer: CURRENT }, presented, presented);
  expect(state).toMatchObject({ presenting: 2 });
  expect(next(state, { type: 'accepted', userInfo: CURRENT.userInfo })).toMatchObject({ presenting: 1 });
  expect(next(state, { type: 'answered', answer: CURRENT })).toMatchObject({ presenting: 0 });
});
