import { expect, it } from 'vitest';

import { LateAbort } from './late-abort.js';

it('aborts the signal that somebody has looked at', () => {
  const abort = new LateAbort();
  const { signal } = abort;
  expect(signal.aborted).toBe(false);
  const reason = new Error('over');
  abort.abort(reason);
  expect(signal.reason).toBe(reason);
  expect(abort.signal).toBe(signal);
});

it('shows an aborted signal to those who look later, with the first reason', () => {
  const abort = new LateAbort();
  expect(abort.aborted).toBe(false);
  abort.throwIfAborted();
  const reason = new Error('over');
  abort.abort(reason);
  abort.abort(new Error('again'));
  expect(abort.aborted).toBe(true);
  expect(abort.signal.reason).toBe(reason);
  expect(() => abort.throwIfAborted()).toThrow(reason);
});
