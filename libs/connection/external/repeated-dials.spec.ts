import { describe, expect, it } from 'vitest';

import { type DialRound, type DialsSay, nextRound } from './repeated-dials.js';

/** What each dial says; a dial is what it presents, and how long after the one before, in ms. */
function hear(dials: readonly (readonly [presented: string, afterMs: number])[], waitMs = 2_000) {
  let round: DialRound<string> | undefined;
  let now = 1_000_000;
  const said: (DialsSay | 'nothing, lasted' | 'lost, lasted')[] = [];
  for (const [presented, afterMs] of dials) {
    now += afterMs;
    const next = nextRound(round, presented, now, Object.is, waitMs);
    round = next.round;
    said.push(next.lasted ? (`${next.says}, lasted` as 'lost, lasted') : next.says);
  }
  return said;
}

describe('the dials of a connection that others own', () => {
  it('say nothing while they present something new each time', () => {
    expect(
      hear([
        ['a', 0],
        ['b', 4_000],
        ['c', 4_000],
      ]),
    ).toEqual(['nothing', 'nothing', 'nothing']);
  });

  it('say that a connection was lost when the same is presented again, and refused when it is again and again', () => {
    expect(
      hear([
        ['a', 0],
        ['a', 4_000],
        ['a', 2_000],
        ['a', 2_000],
      ]),
    ).toEqual(['nothing', 'lost', 'refused', 'refused']);
  });

  it('suspect nothing where connections last, however often they are lost', () => {
    expect(
      hear([
        ['a', 0],
        ['a', 60_000],
        ['a', 60_000],
        ['a', 60_000],
      ]),
    ).toEqual(['nothing', 'lost, lasted', 'lost, lasted', 'lost, lasted']);
  });

  it('are one round for several connections that open together, and for a pool of servers that is dialled through', () => {
    expect(
      hear([
        ['a', 0],
        ['a', 5],
        ['a', 5],
        ['a', 5],
      ]),
    ).toEqual(['nothing', 'nothing', 'nothing', 'nothing']);
  });

  it('count from the beginning of a round, so that dials without a pause do not stay one for ever', () => {
    const dials = Array.from({ length: 30 }, () => ['a', 90] as const);
    expect(hear(dials, 200)).toContain('refused');
    expect(hear(dials, 0)).toContain('refused');
  });

  it('follow the pause of the driver', () => {
    expect(
      hear(
        [
          ['a', 0],
          ['a', 30_000],
          ['a', 30_000],
        ],
        30_000,
      ),
    ).toEqual(['nothing', 'lost', 'refused']);
  });

  it('say that a connection has lasted also where the next one presents something new', () => {
    expect(
      hear([
        ['a', 0],
        ['b', 3_600_000],
      ]),
    ).toEqual(['nothing', 'nothing, lasted']);
  });
});
