import { inspect } from 'node:util';

import fc from 'fast-check';
import { describe, expect } from 'vitest';

import { describeError } from '../../libs/base/index.js';
import { ADMISSION, testCallout } from '../../libs/callout/callout.fixture.js';
import { messageOf, NOW, type TestMessage, TestServer } from '../../libs/callout/request/request.fixture.js';
import { fuzz } from './harness/fuzz.js';
import { mutated } from './harness/mutated.js';
import { anything } from './harness/odd-values.js';
import { expectNoSecret, SECRETS, withoutPlainSecrets } from './harness/secrets.js';

const server = new TestServer(undefined, () => NOW);

/** Claims of a client who presents all that there is. */
const claims = () =>
  server.claims(({ nats }) => {
    nats['connect_opts'] = { user: 'svc', pass: SECRETS.password, auth_token: SECRETS.jwt, name: 'shop' };
    nats['client_tls'] = { version: '1.3', certs: [], verified_chains: [['a']] };
  });

const PATHS = [
  ...['aud', 'exp', 'iat', 'nbf', 'iss', 'sub', 'jti', 'nats'],
  ...['type', 'version', 'user_nkey', 'server_id', 'client_info', 'connect_opts', 'client_tls'].map(
    (name) => `nats.${name}`,
  ),
  ...['id', 'name', 'host', 'tags', 'xkey', 'version'].map((name) => `nats.server_id.${name}`),
  ...['id', 'host', 'user', 'name', 'kind', 'type', 'mqtt_id', 'nonce'].map(
    (name) => `nats.client_info.${name}`,
  ),
  ...['pass', 'auth_token', 'jwt', 'nkey', 'sig', 'name', 'lang'].map((name) => `nats.connect_opts.${name}`),
  ...['version', 'certs', 'verified_chains'].map((name) => `nats.client_tls.${name}`),
];

/** A request that a server has signed, with odd claims. What JSON cannot have is no request. */
const signed: fc.Arbitrary<TestMessage> = mutated(claims, PATHS)
  .map(({ make }) => jsonOf(make()))
  .filter((json) => json !== undefined)
  .map((json) => messageOf(server.sign(json)));

/** One with something put in or cut out. */
const damaged: fc.Arbitrary<TestMessage> = fc
  .tuple(fc.nat(1_500), fc.nat(3), fc.string({ unit: 'binary', maxLength: 3 }))
  .map(([at, cut, put]) => {
    const text = server.sign(claims());
    return messageOf(text.slice(0, at) + put + text.slice(at + cut));
  });

const garbage: fc.Arbitrary<TestMessage> = fc.record({
  data: fc.uint8Array({ maxLength: 200 }),
  reply: fc.oneof(fc.string(), fc.constant('$SYS._INBOX.a.b')),
  serverXkey: fc.oneof(fc.string(), fc.constant(server.xkey)),
});

describe('a callout', () => {
  fuzz('ends each request once, whatever is in it', {
    cases: 2_000,
    of: fc.oneof({ weight: 3, arbitrary: signed }, damaged, garbage),
    check: (message) => expectOneEnd(message, () => ADMISSION),
  });

  fuzz('ends each request once, whatever the authorizer gives', {
    cases: 2_000,
    of: fc.tuple(anything, fc.constantFrom('return', 'resolve', 'throw', 'reject')),
    check: ([make, how]) =>
      expectOneEnd(messageOf(server.sign(claims())), () => {
        if (how === 'return') return make();
        if (how === 'resolve') return Promise.resolve(make());
        // A secret in no known shape, which the client has not presented, is for the authorizer to keep.
        const thrown = withoutPlainSecrets(make());
        if (how === 'reject') return Promise.resolve().then(() => raise(thrown));
        return raise(thrown);
      }),
  });
});

async function expectOneEnd(message: TestMessage, authorize: () => unknown): Promise<void> {
  const { callout, clock, ends, receive, told } = testCallout({ authorize });
  const answers = receive(message);
  await clock.advance(4_000);
  const [end, ...others] = ends();
  expect(others).toEqual([]);
  expect(end).toBeDefined();
  expect(answers).toHaveLength(end?.event === 'discarded' ? 0 : 1);
  expect([callout.load, clock.pending]).toEqual([{ inFlight: 0, queued: 0 }, 0]);
  for (const one of told) {
    const { error, ...facts } = { error: undefined, ...one };
    expectNoSecret(inspect(facts, { depth: 9 }));
    // The error itself is the authorizer's own.
    if (error) expectNoSecret(describeError(error));
  }
}

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function raise(error: unknown): never {
  throw error;
}
