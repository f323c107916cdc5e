import { describe, expect, it } from 'vitest';

import { describeValue } from './redaction.js';
import { scrub } from './scrub.js';
import { jwtOf, MARK, SEED } from './secrets.fixture.js';

const jwt = jwtOf({ sub: MARK });

describe('a text that someone else wrote', () => {
  it.each([
    ['a JWT', `bad token ${jwt}`, 'bad token [redacted]'],
    ['a JWT in JSON', `{"token":"${jwt}"}`, '{"token":"[redacted]"}'],
    ['an unsigned JWT', `got eyJh.${MARK}. here`, 'got [redacted] here'],
    ['two JWTs', `${jwt},${jwt}`, '[redacted],[redacted]'],
    ['a JWT whose header is mangled', `*${jwt.slice(1)}`, `*${jwt.slice(1).split('.')[0] ?? ''}.[redacted]`],
    ['a JWT in the middle of a word', `0x${jwt}`, '0x[redacted]'],
    ['a seed in the middle of a word', `0x${SEED}x`, '0x[redacted]x'],
    ['a user seed', `seed ${SEED}!`, 'seed [redacted]!'],
    ['an account seed', `SA${SEED.slice(2)}`, '[redacted]'],
    ['an operator seed', `SO${SEED.slice(2)}`, '[redacted]'],
    ['a password in a URL', `dial nats://me:${MARK}@host:4222`, 'dial nats://[redacted]@host:4222'],
    ['a token in a URL', `nats://${MARK}@host`, 'nats://[redacted]@host'],
    ['a URL password that holds an @', `nats://me:p@${MARK}@host`, 'nats://[redacted]@host'],
  ])('loses %s', (_, text, scrubbed) => {
    expect(scrub(text)).toBe(scrubbed);
  });

  it.each([
    'connect ECONNREFUSED 127.0.0.1:4222',
    'see https://docs.example.com/a?mail=me@example.com',
    'UserInfo.token was not given; SUMMARY follows',
    'key.json.example',
    'surveyJobs.done.v1',
  ])('is left alone where it holds no secret: %s', (text) => {
    expect(scrub(text)).toBe(text);
  });
});

describe('the value of an option in an error', () => {
  it.each<[unknown, string]>([
    ['reconect', `'reconect'`],
    [`nats://me:${MARK}@host`, `'nats://[redacted]@host'`],
    ['x'.repeat(100), `'${'x'.repeat(60)}…'`],
    [-1, '-1'],
    [false, 'false'],
    [null, 'null'],
    [undefined, 'undefined'],
    [5n, 'a bigint'],
    [Symbol('s'), 'a symbol'],
    [Object.create(null), 'an object'],
  ])('is short, and no secret', (value, text) => {
    expect(describeValue(value, 'text')).toBe(text);
  });

  it.each<[unknown, string]>([
    [MARK, `a string of ${MARK.length} characters`],
    [' \n', 'an empty string'],
    [12345, '12345'],
    [true, 'true'],
    [['a'], 'an array'],
    [new Uint8Array(3), '3 bytes'],
    [() => MARK, 'a function'],
    [{ pass: MARK }, 'an object'],
  ])('shows nothing of a text where a secret may stand by mistake', (value, text) => {
    expect(describeValue(value)).toBe(text);
  });

  it.each<[unknown, string]>([
    [12345, 'a number'],
    [true, 'a boolean'],
  ])('shows nothing at all where a secret belongs', (value, text) => {
    expect(describeValue(value, 'type')).toBe(text);
  });
});
