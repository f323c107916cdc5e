import { getEventListeners } from 'node:events';

import { describe, expect, it, vi } from 'vitest';

import { watch } from '../../base/watch.fixture.js';
import { VirtualClock } from '../../base/index.js';
import { type Decision, SharedCall } from './shared-call.js';

const ABANDONED = new Error('abandoned');
const stay = (): Decision<string> => undefined;

/** A call that the test ends. */
function openCall() {
  const end: {
    signal?: AbortSignal;
    failed: (error: Error) => void;
    resolve: (result: string) => void;
    reject: (error: unknown) => void;
  } = { failed: () => {}, resolve: () => {}, reject: () => {} };
  const call = new SharedCall<string>(() => ABANDONED);
  const failed = (error: Error) => call.failed(error);
  call.start(
    (signal) => new Promise((resolve, reject) => Object.assign(end, { signal, failed, resolve, reject })),
  );
  return { call, end };
}

const { flush } = { flush: () => new VirtualClock().flush() };

describe('a shared call', () => {
  it('gives its result to all who wait, and is closed to newcomers then', async () => {
    const { call, end } = openCall();
    const waiters = [watch(call.wait(stay)), watch(call.wait(stay))];
    expect(call.open).toBe(true);
    end.resolve('result');
    await flush();
    expect(waiters.map(({ value }) => value)).toEqual(['result', 'result']);
    expect(call.open).toBe(false);
    expect(end.signal?.aborted).toBe(false);
  });

  it('gives its failure to all who wait and have nothing better', async () => {
    const { call, end } = openCall();
    const error = new Error('no');
    const [waiter, better] = [watch(call.wait(stay)), watch(call.wait(() => ({ leave: 'better' })))];
    end.reject(error);
    await flush();
    expect(waiter.error).toBe(error);
    expect(better.value).toBe('better');
    expect(call.open).toBe(false);
  });

  it('makes an error of whatever it failed with', async () => {
    const { call, end } = openCall();
    const waiter = watch(call.wait(stay));
    end.reject(Object.create(null));
    await flush();
    expect(waiter.error).toBeInstanceOf(Error);
  });

  it('goes on for the others when one waiter leaves by its signal', async () => {
    const { call, end } = openCall();
    const leaving = new AbortController();
    const [gone, there] = [watch(call.wait(stay, leaving.signal)), watch(call.wait(stay))];
    const reason = new Error('leaving');
    leaving.abort(reason);
    await flush();
    expect(gone.error).toBe(reason);
    expect(end.signal?.aborted).toBe(false);
    end.resolve('result');
    await flush();
    expect(there.value).toBe('result');
    expect(gone.error).toBe(reason);
  });

  it('is aborted when the last waiter has left, and is closed to newcomers', async () => {
    const { call, end } = openCall();
    const leaving = [new AbortController(), new AbortController()];
    const waiters = leaving.map(({ signal }) => watch(call.wait(stay, signal)));
    for (const controller of leaving) controller.abort(new Error('leaving'));
    await flush();
    expect(waiters.map(({ state }) => state)).toEqual(['rejected', 'rejected']);
    expect(end.signal?.reason).toBe(ABANDONED);
    expect(call.open).toBe(false);
    end.reject(ABANDONED);
    await flush();
  });

  it('counts failures for each waiter from when it began to wait', async () => {
    const { call, end } = openCall();
    const [early, late] = [vi.fn(stay), vi.fn(stay)];
    void watch(call.wait(early));
    end.failed(new Error('1'));
    void watch(call.wait(late));
    end.failed(new Error('2'));
    end.reject(new Error('3'));
    await flush();
    const counts = (afterFailure: typeof early) =>
      (afterFailure.mock.calls as unknown as [Error, number][]).map(([error, n]) => [error.message, n]);
    expect(counts(early)).toEqual([
      ['1', 1],
      ['2', 2],
      ['3', 3],
    ]);
    expect(counts(late)).toEqual([
      ['1', 0],
      ['2', 1],
      ['3', 2],
    ]);
  });

  it('lets a waiter leave after a failure, and the last one to leave aborts it', async () => {
    const { call, end } = openCall();
    const waiter = watch(call.wait((error) => ({ fail: error })));
    const error = new Error('no');
    end.failed(error);
    await flush();
    expect(waiter.error).toBe(error);
    expect(end.signal?.reason).toBe(ABANDONED);
  });

  it('ends for everyone at an abort; what comes after is dropped', async () => {
    const { call, end } = openCall();
    const waiters = [watch(call.wait(stay)), watch(call.wait(() => ({ leave: 'better' })))];
    const reason = new Error('closed');
    call.abort(reason);
    end.resolve('late');
    await flush();
    expect(waiters.map(({ error }) => error)).toEqual([reason, reason]);
    expect(end.signal?.reason).toBe(reason);
    expect(call.open).toBe(false);
  });

  it.each<[string, (end: ReturnType<typeof openCall>) => void]>([
    ['the result', ({ end }) => end.resolve('result')],
    ['the failure', ({ end }) => end.reject(new Error('no'))],
    ['the abort', ({ call }) => call.abort(new Error('closed'))],
  ])('leaves no listener on the signal of a waiter after %s', async (_, finish) => {
    const opened = openCall();
    const { signal } = new AbortController();
    void watch(opened.call.wait(stay, signal));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    finish(opened);
    await flush();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('fails whoever comes to wait for one that was ended by what it calls', async () => {
    const call = new SharedCall<string>(() => ABANDONED);
    const reason = new Error('closed');
    call.start(() => {
      call.abort(reason);
      return new Promise(() => {});
    });
    const waiter = watch(call.wait(stay));
    await flush();
    expect(waiter.error).toBe(reason);
  });

  it('lets nobody wait whose signal is aborted already', async () => {
    const { call, end } = openCall();
    const there = watch(call.wait(stay));
    const reason = new Error('left before');
    const gone = watch(call.wait(stay, AbortSignal.abort(reason)));
    await flush();
    expect(gone.error).toBe(reason);
    end.resolve('result');
    await flush();
    expect(there.value).toBe('result');
  });
});
