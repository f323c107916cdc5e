import { describe, expect, it } from 'vitest';

import { AnswerRefusedError } from './answer-refused-error.js';
import { refusedAnswer } from './refused-answer.js';

const EXPECTED = `A${'B'.repeat(55)}`;
const GOT = `A${'C'.repeat(55)}`;

/** As nats-server writes it, with the token of the client in `user` (2.10). */
const told = (reason: unknown, more: object = {}) =>
  Buffer.from(
    JSON.stringify({
      type: 'io.nats.server.advisory.v1.client_disconnect',
      server: { name: 'n1', host: '127.0.0.1', id: 'NABC', ver: '2.10.27' },
      client: { host: '10.0.0.7', id: 9, acc: 'AUTH', user: 'secret-token', name: 'shop' },
      reason,
      ...more,
    }),
  );

describe('an answer that a server refused', () => {
  it('names both keys when the issuer is the wrong one, and where to set them', () => {
    const reason = `Wrong issuer for auth callout response on account "AUTH", expected "${EXPECTED}" got "${GOT}"`;
    const refused = refusedAnswer(told(reason));
    expect(refused?.server).toBe('n1');
    expect(refused?.error).toBeInstanceOf(AnswerRefusedError);
    expect(refused?.error.message).toBe(
      `The NATS server did not accept an answer: '${reason}'. The server expects the key ${EXPECTED}, the callout signs with ${GOT}: ` +
        `give 'callout.issuer' the seed of the first, or the server's auth_callout the second as issuer.`,
    );
  });

  it.each([
    'No valid account "NOPE" for auth callout response on account "AUTH": account missing',
    `Account "${GOT}" not permitted as valid account option for auth callout for account "${EXPECTED}"`,
    `User JWT issuer "${GOT}" is not known`,
  ])("names 'callout.accounts': %s", (reason) => {
    expect(refusedAnswer(told(reason))?.error.message).toContain("'callout.accounts'");
  });

  it.each(['Expected 3 chunks', 'Auth callout violation: auth callout response is not for expected user'])(
    'has the words of the server: %s',
    (reason) => {
      expect(refusedAnswer(told(reason))?.error.message).toBe(
        `The NATS server did not accept an answer: '${reason}'.`,
      );
    },
  );

  it('tells nothing of the client, whose token is in the message of an old server', () => {
    const refused = refusedAnswer(told('Expected 3 chunks'));
    expect(JSON.stringify([refused, refused?.error.message, refused?.error.stack])).not.toContain(
      'secret-token',
    );
  });

  it.each([
    ['a refusal of the callout', told('Auth callout service returned an error: wrong password')],
    ['a server that stopped waiting', told('')],
    ['a reason that is no text', told({ text: 'no' })],
    ['no object', Buffer.from('null')],
    ['no JSON', Buffer.from('garbage')],
    ['nothing', Buffer.from('')],
    ['a message that no server writes', told('x'.repeat(100_000))],
  ])('is not %s', (_, data) => {
    expect(refusedAnswer(data)).toBeUndefined();
  });

  it('is told in few words, whatever somebody else publishes', () => {
    expect(refusedAnswer(told('x'.repeat(60_000)))?.error.message.length).toBeLessThan(500);
    expect(refusedAnswer(told('no', { server: 'n1' }))?.server).toBe('');
  });
});
