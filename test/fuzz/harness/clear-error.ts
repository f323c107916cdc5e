import { NatsAuthError } from 'nestjs-nats-auth';
import { expect } from 'vitest';

import { expectNoSecretInside } from './secrets.js';

/** How nats.js fails by itself: with `NatsError` in 2.x, and with one class for each reason in 3.x. */
const OF_NATS_JS = ['NatsError', 'ConnectionError', 'TimeoutError'];

/** Fails unless it is an error of ours, one that nats.js is known for, or a socket's, and shows no secret. */
export function expectClear(error: unknown): void {
  const clear =
    error instanceof NatsAuthError ||
    (error instanceof Error && (OF_NATS_JS.includes(error.constructor.name) || 'syscall' in error));
  if (!clear) throw error;
  expect(error.message).not.toBe('');
  expectNoSecretInside(error);
}
