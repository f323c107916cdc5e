import { describe, expect, it } from 'vitest';

import { assertNothingLacking, changedRefusals, type Refusal, Refusals } from './refusals.js';

const LIMIT = 'maximum subscriptions exceeded';
const limit = { type: 'limit' } as const;
const problems = (refusals: Refusals) => refusals.all.map(({ problem }) => problem);
const denied = (subject: string): Refusal => ({ problem: `no ${subject}`, subject, count: 1 });
const unnamed = (count: number): Refusal => ({ problem: LIMIT, count });

describe('the refusals of a connection', () => {
  it('do not hold what a server says after the connection was lost while it got ready', async () => {
    const refusals = new Refusals(() => {});
    await expect(refusals.watch(Promise.reject(new Error('lost')))).rejects.toThrow('lost');
    for (let n = 0; n < 3; n++) refusals.heard(`error ${n}`, limit);
    expect(refusals.watching).toBe(false);
    expect(refusals.all).toEqual([]);
  });

  it('are those of the newest establishment', async () => {
    const refusals = new Refusals(() => {});
    let lost = (_: Error) => {};
    const first = refusals.watch(new Promise((_, reject) => (lost = reject)));
    let ready = () => {};
    const second = refusals.watch(new Promise((resolve) => (ready = resolve)));
    lost(new Error('lost'));
    await expect(first).rejects.toThrow('lost');
    refusals.heard(LIMIT, limit);
    ready();
    await second;
    refusals.heard('another', limit);
    expect(problems(refusals)).toEqual([`the server refused 1 subscription: '${LIMIT}'`]);
  });

  it('are counted where the server does not name them', async () => {
    const refusals = new Refusals(() => {});
    const watched = refusals.watch(Promise.resolve());
    refusals.heard(LIMIT, limit);
    refusals.heard(LIMIT, limit);
    await watched;
    expect(problems(refusals)).toEqual([`the server refused 2 subscriptions: '${LIMIT}'`]);
  });

  it('do not hold why the server ends the connection', async () => {
    const refusals = new Refusals(() => {});
    const watched = refusals.watch(Promise.resolve());
    refusals.heard('user authentication expired', { type: 'rejected', kind: 'expired' });
    await watched;
    expect(refusals.all).toEqual([]);
  });

  it('end when all is subscribed again and none of it refused', async () => {
    let changes = 0;
    const refusals = new Refusals(() => changes++);
    expect(refusals.denied('orders')).toBe(false);
    expect(refusals.denied('orders')).toBe(true);
    expect(changes).toBe(2);
    await refusals.watch(Promise.resolve());
    expect(refusals.all).toEqual([]);
    expect(changes).toBe(3);
  });

  it('stay when the connection is lost before the server has answered', async () => {
    const refusals = new Refusals(() => {});
    refusals.denied('orders');
    await refusals.watch(Promise.reject(new Error('lost'))).catch(() => {});
    expect(refusals.all).toHaveLength(1);
  });
});

describe('a successor', () => {
  it.each<[string, Refusal[], Refusal[]]>([
    ['everything', [], []],
    ['everything but what its predecessor lacks', [denied('a')], [denied('a'), denied('b')]],
    ['as many as its predecessor', [unnamed(2)], [unnamed(2)]],
    ['more than its predecessor', [unnamed(1)], [unnamed(2)]],
  ])('that hears %s may take over', (_, successor, predecessor) => {
    expect(() => assertNothingLacking(successor, predecessor)).not.toThrow();
  });

  it.each<[string, Refusal[], Refusal[]]>([
    ['a handler', [denied('a')], []],
    ['another handler', [denied('a')], [denied('b')]],
    ['more handlers', [unnamed(3)], [unnamed(2)]],
    ['handlers by a limit', [unnamed(1)], [denied('a')]],
  ])('that lacks %s may not', (_, successor, predecessor) => {
    expect(() => assertNothingLacking(successor, predecessor)).toThrow(/lacks subscriptions/);
  });
});

it.each<[string, Refusal[], Refusal[], Refusal[], Refusal[]]>([
  ['nothing', [denied('a'), unnamed(1)], [denied('a'), unnamed(1)], [], []],
  ['what is refused now', [denied('a')], [denied('a'), denied('b')], [denied('b')], []],
  ['what is accepted now', [denied('a'), denied('b')], [denied('a')], [], [denied('b')]],
  ['how many more are refused', [unnamed(1)], [unnamed(3)], [unnamed(2)], []],
  ['how many fewer are refused', [unnamed(3)], [unnamed(1)], [], [unnamed(2)]],
])('what has changed: %s', (_, told, now, refused, restored) => {
  expect(changedRefusals(told, now)).toEqual({ refused, restored });
});
