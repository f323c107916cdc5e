import { expect, it } from 'vitest';

import { assertHandled, handlersSettings } from './handlers-options.js';

it('lets no handler be refused by default, and tries again after a second, at most every 30 s', () => {
  expect(handlersSettings()).toEqual({
    mayBeRefused: new Set(),
    failStart: false,
    retry: { initialDelay: 1_000, maxDelay: 30_000, factor: 2 },
  });
});

it.each<[string, object]>([
  ['handlers.mayBeRefused', { mayBeRefused: 'orders' }],
  ['handlers.mayBeRefused', { mayBeRefused: false }],
  ['handlers.mayBeRefused', { mayBeRefused: ['orders', 1] }],
  ['handlers.mayBeRefused', { mayBeRefused: [''] }],
  ['handlers.failStart', { failStart: 'yes' }],
  ['handlers.retry.maxDelay', { retry: { maxDelay: -1 } }],
  ['handlers.retry.delay', { retry: { delay: 1 } }],
  ['handlers.mayBeRefuse', { mayBeRefuse: true }],
])('refuses a wrong %s', (option, options) => {
  expect(() => handlersSettings(options)).toThrow(expect.objectContaining({ option }) as Error);
});

it('refuses a pattern that no handler has, and names some that there are', () => {
  const handlers = new Map(['a', 'b', 'c', 'd', 'e', 'f'].map((pattern) => [pattern, {}]));
  assertHandled(handlersSettings({ mayBeRefused: ['a', 'f'] }), handlers);
  assertHandled(handlersSettings({ mayBeRefused: true }), new Map());
  expect(() => assertHandled(handlersSettings({ mayBeRefused: ['a', 'g'] }), handlers)).toThrow(
    "Option 'handlers.mayBeRefused': 'g' is no handler's pattern; there are 'a', 'b', 'c', 'd', 'e', ….",
  );
});
