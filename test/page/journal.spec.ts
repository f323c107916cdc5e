import { describe, expect, it } from 'vitest';

import { Journal } from '../../sample-app/src/demo/journal.js';
import type { Happening } from '../../sample-app/src/page/system-view.js';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

function aJournal() {
  const clock = { now: Date.UTC(2030, 0, 1) };
  const journal = new Journal(() => clock.now);
  const all = () => journal.since(0).happenings;
  const of = (who: string, kind: Happening['kind']) =>
    all().filter((happening) => happening.who === who && happening.kind === kind);
  return { clock, journal, all, of };
}

/** 20 failed requests a second. */
function fail(
  { clock, journal }: ReturnType<typeof aJournal>,
  forMs: number,
  text = () => 'No responders',
): number {
  const until = clock.now + forMs;
  let count = 0;
  for (; clock.now < until; clock.now += 50, count++) journal.add('traffic', 'failed', text());
  return count;
}

describe('the journal', () => {
  it('keeps the rejection that caused 20 failed requests a second, for hours', () => {
    const life = aJournal();
    life.journal.add('you', 'done', 'Revoke orders');
    life.journal.add('orders', 'disconnected', 'server: connection lost');
    life.journal.add('orders', 'rejected', "server: the server said 'Authorization Violation'");
    const count = fail(life, 3 * HOUR);
    expect(life.all().map(({ kind, count }) => [kind, count])).toEqual([
      ['done', 1],
      ['disconnected', 1],
      ['rejected', 1],
      ['failed', count],
    ]);
    const [failed] = life.of('traffic', 'failed');
    expect((failed?.until ?? 0) - (failed?.at ?? 0)).toBe(3 * HOUR - 50);
  });

  it('keeps it also when each failure says something else', () => {
    const life = aJournal();
    life.journal.add('orders', 'rejected', "server: the server said 'Authorization Violation'");
    let n = 0;
    const letters = () => String(n++).replaceAll(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)));
    const count = fail(life, HOUR, () => `order ${letters()} failed`);
    expect(life.of('orders', 'rejected')).toHaveLength(1);
    const failed = life.of('traffic', 'failed');
    expect(failed.length).toBeLessThanOrEqual(100);
    expect(failed.reduce((sum, one) => sum + one.count, 0)).toBe(count);
  });

  it('makes repeats that differ in their numbers one entry, with a count, a span and the latest text', () => {
    const { clock, journal, all } = aJournal();
    for (let attempt = 1; attempt <= 14; attempt++, clock.now += SECOND)
      journal.add('orders', 'refresh failed', `attempt ${attempt}: fetch failed`);
    expect(all()).toMatchObject([{ count: 14, until: clock.now - SECOND, at: clock.now - 14 * SECOND }]);
    expect(all()[0]?.text).toBe('attempt 14: fetch failed');
  });

  it('tells addresses apart', () => {
    const { journal, all } = aJournal();
    for (const port of [4222, 4223]) journal.add('orders', 'unreachable', `127.0.0.1:${port}: ECONNREFUSED`);
    expect(all()).toHaveLength(2);
  });

  it.each([
    ['after a pause', ({ clock }) => (clock.now += 11 * SECOND)],
    ['after the service has recovered', ({ journal }) => journal.add('orders', 'connected', 'server: n0')],
    ['after something was done', ({ journal }) => journal.add('you', 'done', 'Restore orders')],
  ] as [string, (life: ReturnType<typeof aJournal>) => void][])('tells a repeat anew %s', (_, happen) => {
    const life = aJournal();
    life.journal.add('orders', 'rejected', 'no');
    happen(life);
    life.journal.add('orders', 'rejected', 'no');
    expect(life.of('orders', 'rejected').map(({ count }) => count)).toEqual([1, 1]);
  });

  it('makes no change of state a repeat, and is bounded by kind with nothing uncounted', () => {
    const { clock, journal, all, of } = aJournal();
    journal.add('pricing', 'rejected', 'once');
    for (let n = 0; n < 5_000; n++, clock.now += SECOND) {
      journal.add('orders', 'disconnected', 'server: connection lost');
      journal.add('orders', 'connected', 'server: 127.0.0.1:4222 (reconnect)');
    }
    expect(of('pricing', 'rejected')).toHaveLength(1);
    for (const kind of ['connected', 'disconnected'] as const) {
      const kept = of('orders', kind);
      expect(kept).toHaveLength(100);
      expect(kept[0]).toMatchObject({ folded: true, count: 4_901 });
      expect(kept.slice(1).every(({ count, folded }) => count === 1 && !folded)).toBe(true);
    }
    expect(all()).toHaveLength(201);
  });

  it('tells those who have heard it before only what has changed', () => {
    const { journal } = aJournal();
    journal.add('orders', 'connected', 'server: n0');
    journal.add('traffic', 'failed', 'no');
    const { revision } = journal.since(0);
    expect(journal.since(revision).happenings).toEqual([]);
    journal.add('traffic', 'failed', 'no');
    expect(journal.since(revision).happenings).toMatchObject([{ who: 'traffic', count: 2 }]);
  });

  it('cuts a text that would fill the page', () => {
    const { journal, all } = aJournal();
    journal.add('orders', 'failed', 'x'.repeat(10_000));
    expect(all()[0]?.text.length).toBeLessThan(500);
  });
});
