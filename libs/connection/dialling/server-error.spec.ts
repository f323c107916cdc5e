import { describe, expect, it } from 'vitest';

import { SERVER_ERRORS } from './server-error.fixture.js';
import { parseServerError, REJECTION_KINDS } from './server-error.js';

describe('what a server says', () => {
  it.each(SERVER_ERRORS)('is understood: %s', (text, meaning) => {
    for (const said of [text, `'${text}'`, ` '${text}'\r\n`]) expect(parseServerError(said)).toEqual(meaning);
  });

  // The subject of a permission error is whatever the client wrote.
  const withoutSubject = SERVER_ERRORS.filter(([, { type }]) => type !== 'denied');
  it.each(withoutSubject)('is understood in any case: %s', (text, meaning) => {
    for (const said of [text.toUpperCase(), `'${text.toLowerCase()}'`])
      expect(parseServerError(said)).toEqual(meaning);
  });

  it.each([
    'PERMISSIONS VIOLATION FOR PUBLISH TO "Orders.New"',
    '\'permissions violation for publish to "Orders.New"\'',
  ])('of a permission is understood in any case: %s', (text) =>
    expect(parseServerError(text)).toEqual({ type: 'denied', operation: 'publish', subject: 'Orders.New' }),
  );

  it('of authentication that a later server may say is a rejection', () =>
    expect(parseServerError('Authentication is out of fashion')).toEqual({
      type: 'rejected',
      kind: 'other',
    }));

  it('has at least one known text for each kind of rejection but the last', () => {
    const known = SERVER_ERRORS.map(([, meaning]) =>
      meaning.type === 'rejected' ? meaning.kind : undefined,
    );
    expect(REJECTION_KINDS.filter((kind) => !known.includes(kind))).toEqual(['other']);
  });
});

describe('a subject in which words of a server stand', () => {
  const words = SERVER_ERRORS.map(([text]) => text.replace(/["\s]+/g, '.').toLowerCase());

  it.each(words)('is denied as any other: %s', (subject) => {
    const denial = (operation: string) =>
      parseServerError(`Permissions Violation for ${operation} to "${subject}"`);
    expect(denial('Publish')).toEqual({ type: 'denied', operation: 'publish', subject });
    expect(denial('Subscription')).toEqual({ type: 'denied', operation: 'subscription', subject });
  });

  it.each(words)('says nothing about a reply to it: %s', (subject) =>
    expect(parseServerError(`Permissions Violation for Publish with Reply of "${subject}"`)).toEqual({
      type: 'other',
    }),
  );

  // What is a denial is quoted with its subject, as it is.
  it.each([
    'parse error [0]: !-ERR Permissions Violation for Publish to "x"',
    'Permissions Violation for Publish to "x"\r\nCONNECT {"pass":"secret"}',
    'Permissions Violation for Publish to "x\r\nCONNECT {"',
  ])('is no denial when more than that was said: %j', (text) =>
    expect(parseServerError(text).type).not.toBe('denied'),
  );

  it('may be a pattern of NestJS, as JSON', () => {
    const text = String.raw`Permissions Violation for Publish to "{\"cmd\":\"authorization violation\"}"`;
    const subject = '{"cmd":"authorization violation"}';
    expect(parseServerError(text)).toEqual({ type: 'denied', operation: 'publish', subject });
  });
});
