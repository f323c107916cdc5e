import { runInNewContext } from 'node:vm';

import { describe, expect, it } from 'vitest';

import { describeError } from './describe-error.js';
import { asError, ClosedError, isRetryable, NatsAuthError, OptionsInvalidError } from './errors.js';
import { SEED } from './secrets.fixture.js';

describe('an error of this package', () => {
  it.each([
    [new OptionsInvalidError('refresh.timeout', 'x'), 'OPTIONS_INVALID', 'OptionsInvalidError'],
    [new ClosedError('It'), 'CLOSED', 'ClosedError'],
  ])('is told by its class, its code and its name: %s', (error, code, name) => {
    expect(error).toBeInstanceOf(NatsAuthError);
    expect(error).toMatchObject({ code, name });
  });

  it('holds nothing that looks like a secret, whatever it quotes', () => {
    const cause = new Error('https://me:hunter2@host');
    const error = new NatsAuthError('CLOSED', 'https://me:hunter2@host is closed', { cause });
    expect(error.message).toBe('https://[redacted]@host is closed');
    expect(error.stack).not.toContain('hunter2');
    expect(error.cause).toBe(cause);
  });
});

describe('whatever a provider throws', () => {
  it('loses what looks like a secret when it is no error', () => {
    expect(asError('no https://me:hunter2@host').message).toBe('no https://[redacted]@host');
  });

  it('stays the error it is', () => {
    const error = new TypeError('x');
    expect(asError(error)).toBe(error);
    const abort = new DOMException('x', 'AbortError');
    expect(asError(abort)).toBe(abort);
  });

  it('stays the error it is when it comes from another realm, as in Jest', () => {
    const error: unknown = runInNewContext('new Error("from elsewhere")');
    expect(asError(error)).toBe(error);
  });

  it.each<[unknown, string]>([
    ['text', 'text'],
    [undefined, 'undefined'],
    [Symbol('s'), 'Symbol(s)'],
    [Object.create(null), 'something that has no text was thrown'],
  ])('becomes an error', (thrown, message) => {
    expect(asError(thrown)).toBeInstanceOf(Error);
    expect(asError(thrown).message).toBe(message);
  });

  it('becomes an error when it throws at whoever looks at it', () => {
    const trap = (): never => {
      throw new Error('a trap');
    };
    const hostile: unknown = new Proxy({}, { getPrototypeOf: trap, get: trap, has: trap });
    expect(describeError(hostile)).toBe('something that has no text was thrown');
  });

  it('stays non-retryable when it becomes an error', () => {
    expect(isRetryable(asError({ retryable: false }))).toBe(false);
  });

  it.each([[new Error()], ['text'], [null], [undefined], [{ retryable: true }], [{ retryable: 0 }]])(
    'is retryable unless it says otherwise: %s',
    (thrown) => {
      expect(isRetryable(thrown)).toBe(true);
      expect(isRetryable(Object.assign(new Error(), { retryable: false }))).toBe(false);
    },
  );
});

it('names no option by what is a secret', () => {
  const error = new OptionsInvalidError(`callout.${SEED}`, 'unknown.');
  expect(`${error.option} ${error.message}`).not.toContain(SEED);
});
