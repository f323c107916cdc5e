import { format, inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import { MARK } from '../../base/secrets.fixture.js';
import type { CalloutRequest } from './callout-request.js';
import { forgetSecrets } from './received-credentials.js';
import {
  type Change,
  newUser,
  newUserNkey,
  NOW,
  PASSWORD,
  settingsOf,
  TestServer,
} from './request.fixture.js';
import { shown } from './shown.js';
import { verifiedRequest } from './verify-request.js';

const server = new TestServer();
const NONCE = `nonce-${MARK}`;

const verified = (change: Change) => verifiedRequest(server.request(change), settingsOf(), NOW);
const presenting = (options: object, info: object = {}) =>
  verified(({ nats }) => {
    nats['connect_opts'] = { ...options };
    Object.assign(nats['client_info'] ?? {}, info);
  });

/** A user JWT as a client presents it: who has issued it is of no interest here. */
const userJwt = (subject: string) => server.sign({ sub: subject, name: MARK, nats: { type: 'user' } });

const all = () => {
  const user = newUser();
  return presenting(
    {
      ...{ user: 'alice', pass: PASSWORD, auth_token: `token-${MARK}`, jwt: userJwt(user.nkey) },
      ...{ nkey: user.nkey, sig: `signature-${MARK}` },
    },
    { nonce: NONCE },
  );
};

/** As logs, loggers and errors print things. */
const PRINTED: Readonly<Record<string, (request: CalloutRequest) => unknown>> = {
  'JSON.stringify': (request) =>
    JSON.stringify({ request, credentials: request.credentials, jwt: request.credentials.jwt }),
  inspect: (request) =>
    inspect({ deep: { request, jwt: request.credentials.jwt } }, { depth: 20, showHidden: true }),
  'inspect at its default depth': (request) => inspect({ a: { b: { c: request } } }) + inspect(request),
  'inspect without custom inspection': (request) =>
    inspect(request, { depth: 20, customInspect: false, showHidden: true }),
  String: (request) => [request.credentials, request].map((one: unknown) => String(one)),
  format: (request) => format('%s %o %O %j', request, request, request, request),
  spread: (request) =>
    JSON.stringify([
      { ...request },
      { ...request.credentials },
      { ...request.credentials.jwt },
      { ...request.credentials.nkey },
    ]),
  'Object.assign': (request) =>
    inspect(Object.assign({}, request.credentials, request.credentials.jwt), { depth: 9 }),
  'own properties': (request) => inspect(Object.getOwnPropertyDescriptors(request.credentials), { depth: 9 }),
  structuredClone: (request) =>
    inspect(structuredClone({ ...request, credentials: { ...request.credentials } }), { depth: 9 }),
};

describe('what a client presented', () => {
  it('is given to who asks for it', () => {
    const { credentials } = all().request;
    expect([credentials.user, credentials.pass, credentials.token]).toEqual([
      'alice',
      PASSWORD,
      `token-${MARK}`,
    ]);
    expect(credentials.jwt?.token).toContain('.');
    expect(credentials.jwt?.subject).toBe(credentials.nkey?.publicKey);
  });

  it.each(Object.entries(PRINTED))('is in nothing that %s makes of a request', (_, print) => {
    const { request } = all();
    const { token } = request.credentials.jwt ?? {};
    const text = String(print(request));
    expect(text).not.toContain(MARK);
    expect(text).not.toContain(token?.split('.')[2]);
  });

  it('is shown by what it is', () => {
    const { request } = all();
    const { nkey } = request.credentials;
    expect(JSON.parse(JSON.stringify(request.credentials))).toEqual({
      user: 'alice',
      pass: '[redacted]',
      token: '[redacted]',
      jwt: { token: '[redacted]', subject: nkey?.publicKey },
      nkey: { publicKey: nkey?.publicKey },
    });
  });

  it('cannot be changed for the next who looks', () => {
    const { request } = all();
    expect(() => Object.assign(request, { userNkey: 'U' })).toThrow(TypeError);
    expect(() => Object.assign(request.credentials, { pass: 'other' })).toThrow(TypeError);
  });

  it('is not in a copy that was made with its prototype, which does not throw', () => {
    const { credentials } = all().request;
    const copy = Object.create(Object.getPrototypeOf(credentials) as object) as typeof credentials;
    expect([copy.pass, copy.token, copy.jwt, JSON.stringify(copy)]).toEqual([
      undefined,
      undefined,
      undefined,
      '{}',
    ]);
  });

  it('is gone once it is forgotten, also from parts that somebody kept', () => {
    const { request, presented } = all();
    const { jwt, nkey } = request.credentials;
    forgetSecrets(presented);
    const { pass, token, user } = request.credentials;
    expect([pass, token, jwt?.token, nkey?.proven, request.credentials.jwt]).toEqual([
      ...[undefined, undefined, '', false, undefined],
    ]);
    expect(user).toBe('alice');
  });

  it('is no token in the place of a user, as nats-server 2.10 has it', () => {
    const token = `token-${MARK}`;
    const received = presenting({ auth_token: token }, { user: token, name: undefined });
    expect(received.request.credentials.user).toBeUndefined();
    expect(shown(received).client).toBe('');
  });

  it('is no JWT where nats-server 2.10 repeats the password of MQTT as one', () => {
    const mqtt = { user: 'sensor', pass: PASSWORD, auth_token: PASSWORD, jwt: PASSWORD };
    const { credentials } = presenting(mqtt, { type: 'mqtt' }).request;
    expect([credentials.user, credentials.pass, credentials.jwt]).toEqual(['sensor', PASSWORD, undefined]);
  });
});

describe('the name of a client in events', () => {
  it.each<[what: string, options: object, info: object, expected: string]>([
    ['its own', { user: 'alice' }, { name: 'shop' }, 'shop'],
    ['whom it presents', { user: 'alice' }, { name: undefined }, 'alice'],
    ['its id in MQTT', {}, { name: undefined, mqtt_id: 'sensor', type: 'mqtt' }, 'sensor'],
    ['nothing', {}, { name: undefined }, ''],
    ['in one line', {}, { name: 'a\r\nb\u2028c' }, 'a b c'],
    ['short', {}, { name: 'x'.repeat(5_000) }, 'x'.repeat(100)],
    ['without its password', { pass: PASSWORD }, { name: `me ${PASSWORD}` }, 'me [redacted]'],
  ])('is %s', (_, options, info, expected) => {
    expect(shown(presenting(options, info)).client).toBe(expected);
  });
});

describe('the address of a client, and the name of its server, in events', () => {
  it('are as clean, as anybody with a key of a server can write them', () => {
    const received = verified(({ nats }) => {
      Object.assign(nats['client_info'] ?? {}, { host: `a\nb ${PASSWORD}` });
      Object.assign(nats['server_id'] ?? {}, { name: 'x'.repeat(5_000) });
    });
    expect(shown(received)).toMatchObject({ host: 'a b [redacted]', server: 'x'.repeat(100) });
  });
});

describe('an nkey', () => {
  const user = newUser();
  const signed = (nkey: string, encoding: 'base64' | 'base64url', nonce = 'n') => ({
    nkey,
    sig: user.sign(nonce).toString(encoding),
  });

  it.each(['base64', 'base64url'] as const)('is proven by a signature of the nonce in %s', (encoding) => {
    const { nkey } = presenting(signed(user.nkey, encoding), { nonce: 'n' }).request.credentials;
    expect(nkey).toMatchObject({ publicKey: user.nkey });
    expect(nkey?.proven).toBe(true);
  });

  it.each<[what: string, options: object, nonce: string | undefined]>([
    ['a signature of another nonce', signed(user.nkey, 'base64', 'another'), 'n'],
    ['a signature of another key', signed(newUserNkey(), 'base64'), 'n'],
    ['no signature', { nkey: user.nkey }, 'n'],
    ['no nonce', signed(user.nkey, 'base64'), undefined],
    ['an empty nonce', signed(user.nkey, 'base64', ''), ''],
    ['something that is no signature', { nkey: user.nkey, sig: 'any' }, 'n'],
  ])('is not proven by %s', (_, options, nonce) => {
    expect(presenting(options, { nonce }).request.credentials.nkey?.proven).toBe(false);
  });

  it('is none when it is no public key of a user', () => {
    for (const nkey of ['alice', server.id, PASSWORD])
      expect(presenting({ nkey }).request.credentials.nkey).toBeUndefined();
  });
});

describe('a user JWT', () => {
  it('is proven when the key of its subject has signed the nonce', () => {
    const user = newUser();
    const sig = user.sign('n').toString('base64url');
    const jwt = presenting({ jwt: userJwt(user.nkey), sig }, { nonce: 'n' }).request.credentials.jwt;
    expect([jwt?.subject, jwt?.proven]).toEqual([user.nkey, true]);
    const stolen = presenting({ jwt: userJwt(newUserNkey()), sig }, { nonce: 'n' }).request.credentials.jwt;
    expect(stolen?.proven).toBe(false);
  });

  it('of a bearer is not proven', () => {
    const { jwt } = presenting({ jwt: userJwt(newUserNkey()) }).request.credentials;
    expect(jwt?.proven).toBe(false);
  });

  it('has no subject when it is none, or that is no user', () => {
    for (const jwt of ['a.b.c', PASSWORD, userJwt(server.id)])
      expect(presenting({ jwt }).request.credentials.jwt).toMatchObject({
        subject: undefined,
        proven: false,
      });
  });
});
