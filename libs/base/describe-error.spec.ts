import { runInNewContext } from 'node:vm';

import { describe, expect, it } from 'vitest';

import { describeError } from './describe-error.js';
import { asError, isRetryable, NatsAuthError, retryAfter } from './errors.js';
import { jwtOf, MARK, SEED } from './secrets.fixture.js';

const jwt = jwtOf({ sub: MARK });
const failed = (message: string, cause?: unknown, more: object = {}) =>
  Object.assign(new Error(message, { cause }), more);
const system = (code: string, message = '') => failed(message, undefined, { code });
const refused = (address: string) => system('ECONNREFUSED', `connect ECONNREFUSED ${address}`);

describe('the message of an error', () => {
  it.each<[unknown, string]>([
    [new Error(`no ${jwt}`), 'no [redacted]'],
    [new TypeError(''), 'TypeError'],
    [`no ${SEED}`, 'no [redacted]'],
    [Object.assign(new Error('x'), { message: { no: 'text' } }), 'Error'],
    [
      Object.defineProperty(new Error('x'), 'message', {
        get: () => {
          throw new Error('a getter');
        },
      }),
      'Error',
    ],
    [Object.create(null), 'something that has no text was thrown'],
  ])('is quoted without secrets', (thrown, described) => {
    expect(describeError(thrown)).toBe(described);
  });

  it.each<[string, unknown, string]>([
    [
      'a name without an address',
      new TypeError('fetch failed', { cause: system('ENOTFOUND', 'getaddrinfo ENOTFOUND iam') }),
      'fetch failed: getaddrinfo ENOTFOUND iam',
    ],
    [
      'a port that fetch refuses',
      new TypeError('fetch failed', { cause: new Error('bad port') }),
      'fetch failed: bad port',
    ],
    [
      'several addresses',
      new TypeError('fetch failed', {
        cause: Object.assign(new AggregateError([refused('::1:9'), refused('127.0.0.1:9')]), {
          code: 'ECONNREFUSED',
        }),
      }),
      'fetch failed: connect ECONNREFUSED ::1:9, connect ECONNREFUSED 127.0.0.1:9',
    ],
    [
      'more than anybody reads',
      new AggregateError(
        [1, 2, 3, 4, 5].map((i) => new Error(`no ${i}`)),
        'All failed',
      ),
      'All failed: no 1, no 2, no 3 and 2 more',
    ],
    [
      'what nats.js 2.x has there',
      failed('CONNECTION_REFUSED', undefined, {
        code: 'CONNECTION_REFUSED',
        chainedError: refused('[::1]:4222'),
      }),
      'CONNECTION_REFUSED: connect ECONNREFUSED [::1]:4222',
    ],
    ['three levels', failed('a', failed('b', failed('c'))), 'a: b: c'],
    ['a text', failed('no token', 'the vault is sealed'), 'no token: the vault is sealed'],
    ['an object', failed('no token', { message: 'sealed', code: 'E_SEALED' }), 'no token: sealed (E_SEALED)'],
    ['an error of another realm', failed('a', runInNewContext('new Error("b")')), 'a: b'],
    [
      'behind a hint',
      failed('It is closed. Look at its log.', refused('n:1')),
      'It is closed. Look at its log. Cause: connect ECONNREFUSED n:1',
    ],
    ['behind a point', failed('It failed.', refused('n:1')), 'It failed: connect ECONNREFUSED n:1'],
  ])('tells what lies underneath: %s', (_, error, told) => {
    expect(describeError(error)).toBe(told);
  });

  it.each<[string, unknown, string]>([
    ['the same words', failed('sealed', failed('Sealed.')), 'sealed'],
    [
      'what quotes its cause',
      failed('no token: the vault is sealed', failed('the vault is sealed')),
      'no token: the vault is sealed',
    ],
    [
      'what quotes the innermost cause',
      failed(
        'n:1 cannot be reached: connect ECONNREFUSED n:1.',
        failed('connection refused', refused('n:1')),
      ),
      'n:1 cannot be reached: connect ECONNREFUSED n:1.',
    ],
    ['a code that the message has', refused('n:1'), 'connect ECONNREFUSED n:1'],
    [
      'a code that the cause has',
      failed('no answer', refused('n:1'), { code: 'ECONNREFUSED' }),
      'no answer: connect ECONNREFUSED n:1',
    ],
    [
      'equal causes',
      new AggregateError([refused('n:1'), refused('n:1')], 'a'),
      'a: connect ECONNREFUSED n:1',
    ],
    [
      'what quotes all of a cause that is too long',
      failed(`no token: ${'long '.repeat(100)}`, failed('long '.repeat(100))),
      `no token: ${'long '.repeat(100).trim()}`,
    ],
    ['an object that says nothing', failed('sealed', { body: {} }), 'sealed'],
    ['the code of an error of this package', new NatsAuthError('CLOSED', 'It is closed.'), 'It is closed.'],
  ])('says nothing twice: %s', (_, error, told) => {
    expect(describeError(error)).toBe(told);
  });

  it('tells what looks like something that was said, but is not', () => {
    expect(describeError(failed('cannot connect', failed('no')))).toBe('cannot connect: no');
  });

  it.each<[string, unknown, string]>([
    ['an error with a code only', system('ECONNRESET'), 'ECONNRESET'],
    [
      'an error with a message that lacks its code',
      system('ECONNRESET', 'socket hung up'),
      'socket hung up (ECONNRESET)',
    ],
    ['an error with a cause only', failed('', failed('sealed')), 'sealed'],
    ['an object with a message', { message: 'sealed' }, 'sealed'],
    ['an object with a code only', { code: 'E_SEALED' }, 'something that has no text was thrown (E_SEALED)'],
    ['an object that says nothing', { status: 'sealed' }, 'something that has no text was thrown'],
    ['nothing', undefined, 'undefined'],
    ['a number as code', failed('aborted', undefined, { code: 20 }), 'aborted'],
  ])('is there for %s', (_, thrown, told) => {
    expect(describeError(thrown)).toBe(told);
  });

  it('is one line, however the message is written', () => {
    const error = failed('no\r\nnats/server: all is well', failed('page\n<html>\u2028'));
    expect(describeError(error)).toBe('no nats/server: all is well: page <html>');
  });

  it.each<[string, () => unknown]>([
    [
      'that goes round in a circle',
      () => {
        const [a, b] = [failed('a'), failed('b')];
        return Object.assign(a, { cause: Object.assign(b, { cause: a, errors: [a, b] }) });
      },
    ],
    [
      'that is endless',
      () => [...Array(10_000).keys()].reduce((cause: unknown, i) => failed(`${i}`, cause), undefined),
    ],
    ['that branches at each level', () => branching(12)],
    ['of pages of text', () => failed('x'.repeat(1e6), failed('y'.repeat(1e6), failed('z'.repeat(1e6))))],
    [
      'whose properties throw',
      () =>
        new Proxy(new Error('a'), {
          get: (_, name) => {
            throw new Error(`no ${String(name)}`);
          },
        }),
    ],
  ])('is short for a chain %s', (_, make) => {
    const told = describeError(make());
    expect(told.length).toBeLessThanOrEqual(3_001);
    expect(told).not.toBe('');
  });

  it('holds no secret of any cause', () => {
    const error = failed(
      'a',
      new AggregateError([`no ${jwt}`, failed('b', failed(`GET https://svc:${MARK}@iam/ ${SEED}`))]),
    );
    expect(describeError(error)).toBe('a: no [redacted], b: GET https://[redacted]@iam/ [redacted]');
  });

  it('holds nothing of a text that is no JSON', () => {
    const parse = (text: string) => {
      try {
        return JSON.parse(text) as unknown;
      } catch (error) {
        return error;
      }
    };
    for (const text of [MARK, `{"pass": ${MARK}}`, `${' '.repeat(40)}${MARK}${' '.repeat(40)}`]) {
      const error = failed('the answer is odd', parse(text));
      expect(describeError(error)).toMatch(/^the answer is odd: .*(JSON)/);
      expect(describeError(error)).not.toContain(MARK);
    }
  });
});

describe('an object that was thrown in the place of an error', () => {
  it('keeps its cause, its code and what it says on retries', () => {
    const error = asError({
      message: 'busy',
      code: 'E_BUSY',
      cause: 'sealed',
      retryable: false,
      retryAfterMs: 500,
    });
    expect(describeError(error)).toBe('busy (E_BUSY): sealed');
    expect(isRetryable(error)).toBe(false);
    expect(retryAfter(error)).toBe(500);
  });
});

function branching(depth: number): Error {
  const causes = depth === 0 ? [] : [...Array(100).keys()].map(() => branching(Math.max(0, depth - 6)));
  return new AggregateError(causes, `at ${depth}`);
}
