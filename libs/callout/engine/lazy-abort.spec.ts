import { describe, expect, it } from 'vitest';

import { LazyAbort } from './lazy-abort.js';

const reason = new Error('Nobody waits any more.');

describe('the signal of an authorization', () => {
  it('is one and the same however often it is asked for', () => {
    const abort = new LazyAbort();
    expect(abort.signal).toBe(abort.signal);
  });

  it('aborts with the reason what has asked for it', () => {
    const abort = new LazyAbort();
    const { signal } = abort;
    const heard: unknown[] = [];
    signal.addEventListener('abort', () => heard.push(signal.reason));
    expect(signal.aborted).toBe(false);
    abort.abort(reason);
    expect(heard).toEqual([reason]);
  });

  it('is aborted, with the reason, for what asks for it only afterwards', () => {
    const abort = new LazyAbort();
    abort.abort(reason);
    expect(abort.signal.aborted).toBe(true);
    expect(() => abort.signal.throwIfAborted()).toThrow(reason);
  });

  it.each([
    ['before', true],
    ['after', false],
  ])('keeps the first reason if it is asked for %s it aborts twice', (_, before) => {
    const abort = new LazyAbort();
    const heard: unknown[] = [];
    if (before) abort.signal.addEventListener('abort', () => heard.push(abort.signal.reason));
    abort.abort(reason);
    abort.abort(new Error('later'));
    expect(abort.signal.reason).toBe(reason);
    expect(heard).toEqual(before ? [reason] : []);
  });

  it('is not made for an authorizer that never asks for it', () => {
    const { AbortController: real } = globalThis;
    let made = 0;
    globalThis.AbortController = class extends real {
      constructor() {
        super();
        made++;
      }
    };
    try {
      const abort = new LazyAbort();
      abort.abort(reason);
      expect(made).toBe(0);
      expect(abort.signal.aborted).toBe(true);
      expect(made).toBe(1);
    } finally {
      globalThis.AbortController = real;
    }
  });
});
