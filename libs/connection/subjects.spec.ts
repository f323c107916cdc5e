import { describe, expect, it } from 'vitest';

import { assertPublishable, assertSubscribable, isTooLong, SubjectInvalidError } from './subjects.js';

const LONG = 'x'.repeat(5_000);

describe('a subject to publish to', () => {
  it.each(['orders', 'orders.new', '{"cmd":"sum"}', 'größe.日本', 'orders.*', 'a..b', 'x'.repeat(4_000)])(
    'may be %j',
    (subject) => expect(() => assertPublishable(subject)).not.toThrow(),
  );

  it.each([
    ['', /is empty/],
    ['user created', /white space/],
    ['a\tb', /white space/],
    ['a 2\r\n{}\r\nPUB admin.delete 2\r\n{}', /white space/],
    ['a\nb', /white space/],
    ['a\0b', /control character/],
    ['a\x7fb', /control character/],
    [LONG, /too long: 5000 bytes.*4096/],
    ['é'.repeat(2_500), /too long: 5000 bytes/],
    [true, /is no text/],
    [undefined, /is no text/],
    [() => 'a b', /is no text/],
  ])('may not be %j', (subject, problem) => {
    expect(() => assertPublishable(subject)).toThrow(problem);
    expect(() => assertPublishable(subject)).toThrow(SubjectInvalidError);
  });

  it('shares its line with the reply subject', () => {
    expect(() => assertPublishable('x'.repeat(2_500), 'y'.repeat(1_000))).not.toThrow();
    expect(() => assertPublishable('x'.repeat(2_500), 'y'.repeat(2_000))).toThrow(/too long/);
  });
});

describe('a pattern to subscribe', () => {
  it.each([
    ['orders.*.new', undefined],
    ['orders.>', 'workers'],
    ['>', ''],
    ['{"cmd":"sum"}', 'a>b'],
  ])('may be %j in the group %j', (subject, queue) =>
    expect(() => assertSubscribable(subject, queue)).not.toThrow(),
  );

  it.each([
    ['user created', '', /Pattern 'user created' .*white space/],
    ['orders..new', '', /'orders\.\.new' has an empty token/],
    ['.orders', '', /empty token/],
    ['orders.', '', /empty token/],
    ['orders.>.new', '', /before its end/],
    ['orders', 'my workers', /Pattern 'orders': queue group 'my workers' has white space/],
    ['orders', 7, /Pattern 'orders': queue group '7' is no text/],
    ['orders', LONG, /too long/],
  ])('may not be %j in the group %j', (subject, queue, problem) =>
    expect(() => assertSubscribable(subject, queue)).toThrow(problem),
  );
});

describe('what the error says', () => {
  const messageOf = (subject: string) => {
    try {
      assertPublishable(subject);
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error('It was accepted.');
  };

  it('starts no line of its own in a log, and is short', () => {
    expect(messageOf('a\r\nPUB b 0')).toMatch(/^Subject 'a\\r\\nPUB b 0' has white space/);
    expect(messageOf(LONG).length).toBeLessThan(200);
  });

  it('quotes no secret', () => {
    const seed = `SU${'A'.repeat(56)}`;
    expect(messageOf(`a ${seed}`)).not.toContain(seed);
  });

  it('has the code SUBJECT_INVALID and the subject', () => {
    expect(new SubjectInvalidError('Subject', 'a b', 'is none.')).toMatchObject({
      code: 'SUBJECT_INVALID',
      subject: 'a b',
    });
  });
});

it('names count in bytes, together', () => {
  expect(isTooLong('x'.repeat(4_064))).toBe(false);
  expect(isTooLong('x'.repeat(4_065))).toBe(true);
  expect(isTooLong('x'.repeat(2_033), 'x'.repeat(2_032))).toBe(true);
});
