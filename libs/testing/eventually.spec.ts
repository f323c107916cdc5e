import { afterEach, describe, expect, it, vi } from 'vitest';

import { eventually } from './eventually.js';

describe('eventually', () => {
  afterEach(() => vi.restoreAllMocks());

  it('gives what the check gives in the end, whether it threw, was late or gave nothing before', async () => {
    const answers: (() => string | undefined | Promise<string>)[] = [
      () => undefined,
      () => Promise.reject(new Error('not yet')),
      () => Promise.resolve(''),
      () => Promise.resolve('there'),
    ];
    expect(await eventually(() => answers.shift()?.(), { everyMs: 1 })).toBe('there');
  });

  it('tells what it waited for, and what the last look threw', async () => {
    const cause = new Error('down');
    const waiting = eventually(() => Promise.reject(cause), {
      what: 'the server',
      timeoutMs: 5,
      everyMs: 1,
    });
    await expect(waiting).rejects.toMatchObject({
      message: 'Waited 5 ms for the server in vain: down',
      cause,
    });
  });

  it('tells what lies underneath what the last look threw', async () => {
    const cause = new Error('connect ECONNREFUSED 127.0.0.1:1');
    const looks = [() => Promise.reject(new TypeError('fetch failed', { cause }))];
    const waiting = eventually(() => looks[0]?.(), { timeoutMs: 5, everyMs: 1 });
    await expect(waiting).rejects.toThrow('in vain: fetch failed: connect ECONNREFUSED 127.0.0.1:1');
  });

  it('has a deadline for a check that hangs', async () => {
    const waiting = eventually(() => new Promise(() => {}), { timeoutMs: 5 });
    await expect(waiting).rejects.toThrow(/in vain: the last look did not end/);
  });

  it('tells what was thrown before a look that hangs', async () => {
    const looks: (() => Promise<boolean>)[] = [() => Promise.reject(new Error('down'))];
    const waiting = eventually(() => looks.shift()?.() ?? new Promise(() => {}), {
      timeoutMs: 30,
      everyMs: 1,
    });
    await expect(waiting).rejects.toThrow(/in vain: down/);
  });

  it('leaves a check alone that fails after the deadline', async () => {
    let fail = (_: Error) => {};
    const waiting = eventually(() => new Promise((_, reject) => (fail = reject)), { timeoutMs: 5 });
    await expect(waiting).rejects.toThrow(/in vain/);
    // A rejection that nobody handles would fail the run.
    fail(new Error('too late'));
  });

  it('gives up in time although the wall clock is set back meanwhile', async () => {
    const waiting = eventually(() => false, { timeoutMs: 20, everyMs: 1 });
    const now = Date.now();
    vi.spyOn(Date, 'now').mockReturnValue(now - 3_600_000);
    await expect(waiting).rejects.toThrow(/in vain/);
  });

  it('goes on although the wall clock is set forward meanwhile', async () => {
    let looks = 0;
    const now = Date.now();
    const waiting = eventually(() => ++looks > 3, { everyMs: 1 });
    vi.spyOn(Date, 'now').mockReturnValue(now + 3_600_000);
    await waiting;
  });

  it('says at once that fetch refuses the port that a check asks', async () => {
    let looks = 0;
    const waiting = eventually(
      () => {
        looks++;
        return fetch('http://127.0.0.1:10080/');
      },
      { what: 'the server' },
    );
    await expect(waiting).rejects.toThrow(/Waiting for the server is in vain: fetch refuses the port/);
    expect(looks).toBe(1);
  });
});
