import { describe, expect, it } from 'vitest';

import { createAccount, createCurve } from '../../../test/support/nats-reference.js';
import { MARK } from '../../base/secrets.fixture.js';
import type { RequestProblem } from '../events.js';
import { RequestInvalidError } from './request-error.js';
import {
  type Change,
  issuer,
  messageOf,
  newUserNkey,
  NOW,
  PASSWORD,
  settingsOf,
  testCurves,
  type TestMessage,
  TestServer,
} from './request.fixture.js';
import { verifiedRequest } from './verify-request.js';

const server = new TestServer();

/** What is wrong with a message, for a callout with these settings. */
function problemOf(
  message: TestMessage,
  settings = settingsOf(),
  now = NOW,
): RequestInvalidError | undefined {
  try {
    verifiedRequest(message, settings, now);
    return undefined;
  } catch (error) {
    if (error instanceof RequestInvalidError) return error;
    throw error;
  }
}

const problem = (change: Change, settings = settingsOf(), now = NOW) =>
  problemOf(server.request(change), settings, now)?.problem;

describe('a request of a server', () => {
  it('is read', () => {
    const { request, issuer: signer, waitMs } = verifiedRequest(server.request(), settingsOf(), NOW);
    const { credentials, ...rest } = request;
    expect(rest).toEqual({
      client: { id: 8, host: '10.0.0.1', type: 'STANDARD', name: 'shop', lang: 'node', version: '1.0' },
      server: { id: server.id, name: 'n1', host: '127.0.0.1', version: '2.10.27', tags: ['az:1'] },
      userNkey: expect.stringMatching(/^U[A-Z2-7]{55}$/) as string,
    });
    expect([credentials.user, credentials.pass]).toEqual(['alice', PASSWORD]);
    expect(signer).toBe(issuer);
    expect(waitMs).toBe(2_000);
  });

  it.each<[ConnectionKind: string, expected: string, info: object]>([
    ['a client', 'STANDARD', { kind: 'Client', type: 'nats' }],
    ['a browser', 'WEBSOCKET', { kind: 'Client', type: 'websocket' }],
    ['a device', 'MQTT', { kind: 'Client', type: 'mqtt', mqtt_id: 'sensor' }],
    ['another server', 'LEAFNODE', { kind: 'Leafnode' }],
    ['the process of the server', 'IN_PROCESS', { kind: 'Client', type: 'nats', host: '' }],
  ])('tells how %s connects: %s', (_, type, info) => {
    const message = server.request(({ nats }) => Object.assign(nats['client_info'] ?? {}, info));
    expect(verifiedRequest(message, settingsOf(), NOW).request.client.type).toBe(type);
  });

  it('tells the certificates of a client', () => {
    const message = server.request(({ nats }) => {
      nats['client_tls'] = { version: '1.3', cipher: 'AES', certs: ['a'], verified_chains: [['a', 'ca']] };
    });
    expect(verifiedRequest(message, settingsOf(), NOW).request.tls).toEqual({
      ...{ version: '1.3', cipher: 'AES', certificates: ['a'], verifiedChains: [['a', 'ca']] },
    });
  });
});

describe('a request is not answered', () => {
  it.each<[what: string, problem: RequestProblem, change: Change]>([
    ['for somebody else', 'audience', (claims) => (claims['aud'] = 'nats-authorization-response')],
    ['for several', 'audience', (claims) => (claims['aud'] = ['nats-authorization-request'])],
    ['of another type', 'version', ({ nats }) => Object.assign(nats, { type: 'authorization_response' })],
    ['of a version to come', 'version', ({ nats }) => Object.assign(nats, { version: 3 })],
    [
      'of an account that is not ours',
      'subject',
      (claims) => (claims['sub'] = createAccount().getPublicKey()),
    ],
    ['of no account', 'subject', (claims) => delete claims['sub']],
    [
      'that names another server',
      'issuer',
      ({ nats }) => Object.assign(nats['server_id'] ?? {}, { id: new TestServer().id }),
    ],
    ['that names no server', 'malformed', ({ nats }) => delete nats['server_id']],
    ['signed by a user', 'issuer', (claims) => asIssuer(claims, newUserNkey())],
    ['signed by somebody else', 'signature', (claims) => asIssuer(claims, new TestServer().id)],
    ['that says nothing of a client', 'malformed', ({ nats }) => delete nats['client_info']],
    ['for a key that is no user', 'malformed', ({ nats }) => Object.assign(nats, { user_nkey: server.id })],
    [
      'for a kind of client that nobody knows',
      'malformed',
      ({ nats }) => Object.assign(nats['client_info'] ?? {}, { kind: 'Router' }),
    ],
    [
      'with a number for a password',
      'malformed',
      ({ nats }) => Object.assign(nats['connect_opts'] ?? {}, { pass: 5 }),
    ],
    [
      'with an object for a name',
      'malformed',
      ({ nats }) => Object.assign(nats['client_info'] ?? {}, { name: {} }),
    ],
    [
      'with thousands of certificates',
      'malformed',
      ({ nats }) => (nats['client_tls'] = { certs: Array(5_000).fill('') }),
    ],
    [
      'with thousands of chains',
      'malformed',
      ({ nats }) => (nats['client_tls'] = { verified_chains: Array(5_000).fill(['c']) }),
    ],
    ['without times', 'malformed', (claims) => delete claims['exp']],
    ['with times that are none', 'malformed', (claims) => (claims['exp'] = 'tomorrow')],
    [
      'that is valid for a year',
      'malformed',
      (claims) => (claims['exp'] = Number(claims['iat']) + 31_536_000),
    ],
    ['that ends before it begins', 'malformed', (claims) => (claims['exp'] = 1)],
    [
      'with an xkey that its header does not have',
      'xkey',
      ({ nats }) => Object.assign(nats['server_id'] ?? {}, { xkey: server.xkey }),
    ],
  ])('%s: %s', (_, expected, change) => {
    expect(problem(change)).toBe(expected);
  });

  it.each<[what: string, text: string]>([
    ['that is empty', ''],
    ['that is no JWT', 'PING'],
    ['that is JSON', '{"nats":{}}'],
    ['whose claims are a list', server.sign([])],
    ['that is not signed', server.sign(server.claims(), { typ: 'JWT', alg: 'none' })],
    ['that is signed by another algorithm', server.sign(server.claims(), { typ: 'JWT', alg: 'HS256' })],
    ['of version 1', server.sign(server.claims(), { typ: 'jwt', alg: 'ed25519' })],
  ])('%s: malformed', (_, text) => {
    expect(problemOf(messageOf(text))?.problem).toBe('malformed');
  });

  it('when a character of it is another', () => {
    const text = server.sign(server.claims());
    const at = text.lastIndexOf('.') + 20;
    const changed = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
    expect(problemOf(messageOf(changed))?.problem).toBe('signature');
  });

  it('when it is larger than the limit, before anybody parses it', () => {
    const message = { ...server.request(), data: Buffer.alloc(65_537, '{') };
    expect(problemOf(message)).toMatchObject({
      problem: 'oversized',
      message: "The request has 65537 bytes; 'callout.maxRequestSize' is 65536.",
    });
  });

  it.each([
    [undefined],
    [''],
    ['_INBOX.a.b'],
    ['$SYS._INBOX'],
    ['$SYS._INBOX.'],
    ['$SYS._INBOX.*'],
    ['$SYS._INBOX.a.>'],
    ['$SYS._INBOX.a b'],
    ['$SYS._INBOX.a..b'],
    ['$SYS._INBOX.a\r\nPING'],
    ['$SYS.REQ.USER.AUTH'],
    [`$SYS._INBOX.${'a'.repeat(300)}`],
  ])('when the answer would go to %j, which is no inbox of a server', (reply) => {
    expect(problemOf({ ...server.request(), reply })?.problem).toBe('reply');
  });

  it('for another account: the error names both keys', () => {
    const other = createAccount().getPublicKey();
    const { message } = problemOf(new TestServer(other).request()) ?? {};
    expect(message).toBe(`The server expects answers of ${other}, 'callout.issuer' has ${issuer.publicKey}.`);
  });
});

describe('the times of a request', () => {
  const at = (now: number, claims: object, clockTolerance = 0) =>
    problem((all) => Object.assign(all, claims), settingsOf({ clockTolerance }), now);
  const second = NOW / 1_000;

  it('may be equal, as of a server with a time-out of half a second', () => {
    expect(at(NOW + 999, { iat: second, exp: second })).toBeUndefined();
    expect(at(NOW + 1_000, { iat: second, exp: second })).toBe('expired');
    const message = server.request((claims) => Object.assign(claims, { exp: second }));
    expect(verifiedRequest(message, settingsOf(), NOW).waitMs).toBe(500);
  });

  it('may be off by the tolerance, to either side', () => {
    expect(at(NOW + 7_999, {}, 5_000)).toBeUndefined();
    expect(at(NOW + 8_000, {}, 5_000)).toBe('expired');
    expect(at(NOW - 5_000, {}, 5_000)).toBeUndefined();
    expect(at(NOW - 5_001, {}, 5_000)).toBe('expired');
    expect(at(NOW, { nbf: second + 6 }, 5_000)).toBe('expired');
  });

  it('that are wrong are told with by how much', () => {
    expect(problemOf(server.request(), settingsOf(), NOW + 3_600_000)?.message).toContain(
      'expired 3598 s ago',
    );
    expect(problemOf(server.request(), settingsOf(), NOW - 3_600_000)?.message).toContain('3600 s ahead');
  });
});

describe('a sealed request', () => {
  it('is opened, and its answer is sealed with the same key', async () => {
    const [older, newer] = [createCurve(), createCurve()];
    const { curves } = await testCurves(newer, older);
    for (const key of [older, newer]) {
      const { request, seal } = verifiedRequest(
        server.sealed(key.getPublicKey()),
        settingsOf({ curves }),
        NOW,
      );
      expect(request.credentials.pass).toBe(PASSWORD);
      const answer = seal?.(Buffer.from('yes')) ?? Buffer.from('');
      expect(Buffer.from(server.open(answer, key.getPublicKey())).toString()).toBe('yes');
    }
  });

  it('is not answered where no key is set, and the error says which option wants it', async () => {
    const { xkey } = await testCurves();
    expect(problemOf(server.sealed(xkey))).toMatchObject({
      problem: 'sealed',
      message: expect.stringContaining("'callout.xkey'") as string,
    });
  });

  it('is not answered when it is sealed to another key: the error names ours', async () => {
    const { curves, xkey } = await testCurves();
    const error = problemOf(server.sealed(createCurve().getPublicKey()), settingsOf({ curves }));
    expect(error).toMatchObject({ problem: 'sealed', message: expect.stringContaining(xkey) as string });
  });

  it('is not answered in the open when it lost its header', async () => {
    const { curves, xkey } = await testCurves();
    const message = { ...server.sealed(xkey), serverXkey: undefined };
    expect(problemOf(message, settingsOf({ curves }))?.problem).toBe('sealed');
  });

  it('is not answered to another key than the server has signed', async () => {
    const { curves, xkey } = await testCurves();
    const message = server.sealed(xkey, ({ nats }) =>
      Object.assign(nats['server_id'] ?? {}, { xkey: createCurve().getPublicKey() }),
    );
    expect(problemOf(message, settingsOf({ curves }))?.problem).toBe('xkey');
  });

  it('is wanted of everybody where a key is set', async () => {
    const { curves, xkey } = await testCurves();
    const error = problemOf(server.request(), settingsOf({ curves }));
    expect(error).toMatchObject({ problem: 'plain', message: expect.stringContaining(xkey) as string });
    expect(error?.message).toContain("'callout.xkey'");
  });
});

describe('a server that may not ask', () => {
  it('is not answered, by what is known of it', () => {
    const asked: unknown[] = [];
    const servers = (one: unknown) => asked.push(one) > 5;
    expect(problem(() => {}, settingsOf({ servers }))).toBe('untrusted');
    expect(asked).toEqual([expect.objectContaining({ id: server.id, name: 'n1' })]);
  });

  it('is one also when the function that says so throws, or answers later', () => {
    const fails = () => {
      throw new Error('no idea');
    };
    expect(problem(() => {}, settingsOf({ servers: fails }))).toBe('untrusted');
    const later = (() => Promise.resolve(true)) as unknown as () => boolean;
    expect(problem(() => {}, settingsOf({ servers: later }))).toBe('untrusted');
  });

  it('is asked about only once it has proved to be a server', () => {
    const servers = () => expect.fail('It was asked.');
    expect(problem((claims) => asIssuer(claims, new TestServer().id), settingsOf({ servers }))).toBe(
      'signature',
    );
  });
});

describe('what a request holds beyond what anybody reads', () => {
  it.each<[what: string, more: string]>([
    ['names of what each object inherits', '"__proto__":{"auth_token":"x"},"constructor":1,"toString":[]'],
    ['lists of lists of lists', `"more":${'['.repeat(20_000)}${']'.repeat(20_000)}`],
    ['a long text', `"name":"${'x'.repeat(40_000)}"`],
  ])('does no harm: %s', (_, more) => {
    const claims = JSON.stringify(server.claims()).replace('"connect_opts":{', `"connect_opts":{${more},`);
    const { request } = verifiedRequest(messageOf(server.sign(claims)), settingsOf(), NOW);
    expect(request.credentials.user).toBe('alice');
    expect(request.credentials.token).toBeUndefined();
  });

  it('is in no error', () => {
    const { stack, message } = problemOf(server.request((claims) => (claims['aud'] = MARK))) ?? {};
    expect(`${stack} ${message}`).not.toContain(MARK);
  });
});

/** Issued by, and naming, a key that does not sign. */
function asIssuer(claims: Parameters<Change>[0], nkey: string): void {
  claims['iss'] = nkey;
  Object.assign(claims.nats['server_id'] ?? {}, { id: nkey });
}
