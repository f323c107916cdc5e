import { inspect } from 'node:util';

import { fromPublic } from '@nats-io/nkeys';
import fc from 'fast-check';
import { describe, expect } from 'vitest';

import { loadDriver } from '../../libs/connection/index.js';
import { type ConnectFields, prepareConnectFields } from '../../libs/connection/dialling/connect-fields.js';
import {
  CredentialSource,
  refreshSettings,
  type ResolvedUserInfo,
  type UserInfo,
} from '../../libs/credentials/index.js';
import { Emitter, VirtualClock } from '../../libs/base/index.js';
import { fuzz } from './harness/fuzz.js';
import { anything, texts } from './harness/odd-values.js';
import { CREDS, expectNoSecret, expectOurs, NKEY, SECRETS, withoutPlainSecrets } from './harness/secrets.js';

const FIELDS = ['user', 'pass', 'token', 'creds', 'jwt', 'seed', 'nkey', 'sign', 'expiresAt'] as const;

/** User info with some fields, right and wrong ones. */
const nearlyUserInfo = fc
  .tuple(
    fc.constantFrom<UserInfo>(
      {},
      { user: 'svc', pass: SECRETS.password },
      { token: SECRETS.jwt },
      { creds: CREDS },
      { jwt: SECRETS.jwt, seed: SECRETS.seed },
    ),
    fc.array(fc.tuple(fc.oneof(fc.constantFrom(...FIELDS), fc.string()), anything), { maxLength: 3 }),
  )
  .map(([right, wrong]) => () => ({
    ...right,
    ...Object.fromEntries(wrong.map(([field, make]) => [field, make()])),
  }));

const values = fc.oneof(nearlyUserInfo, anything);

/** Makes errors as others do, with secrets in shapes that are known. */
const errors = fc.oneof(
  fc
    .constantFrom(SECRETS.jwt, SECRETS.seed, SECRETS.url)
    .map((secret) => () => new Error(`refused ${secret}`)),
  fc
    .tuple(fc.constantFrom('message', 'name', 'cause', 'retryAfterMs', 'retryable', 'stack'), anything)
    .map(([property, make]) => () => {
      return Object.defineProperty(new Error('odd'), property, { value: withoutPlainSecrets(make()) });
    }),
  fc.constantFrom<() => unknown>(
    () => Object.defineProperty(new Error('x'), 'message', { get: () => raise('a getter that throws') }),
    () => {
      const error = new Error('its own cause');
      return Object.assign(error, { cause: error });
    },
  ),
  values.map((make) => () => withoutPlainSecrets(make())),
);

/** How a provider answers: in time or not, in a promise or not, with something or an error. */
const answers: fc.Arbitrary<() => unknown> = fc.oneof(
  values,
  values.map((make) => async () => Promise.resolve(make())),
  errors.map((make) => () => raise(make())),
  errors.map((make) => async () => Promise.resolve(raise(make()))),
  values.map((make) => () => ({
    then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => {
      resolve(make());
      reject(new Error('too late'));
      resolve(make());
    },
  })),
  errors.map((make) => () => ({ then: () => raise(make()) })),
  fc.constantFrom(
    () => new Promise(() => {}),
    () => ({ then: () => {} }),
    () => Object.defineProperty({}, 'then', { get: () => raise(new Error('no then')) }),
  ),
);

describe('user info', () => {
  fuzz('whatever a provider gives is resolved, or one clear error', {
    cases: 8_000,
    of: answers,
    check: async (answer) => {
      const told: unknown[] = [];
      const outcome = await resolve(answer, told);
      if (outcome.error !== undefined) expectOurs(outcome.error);
      else expectNoSecret([outcome.userInfo, JSON.stringify(outcome.userInfo), String(outcome.userInfo)]);
      expectNoSecret(told.join('\n'));
    },
  });

  fuzz('whatever was resolved is presented, signed for the nonce, or one clear error', {
    cases: 4_000,
    of: fc.tuple(fc.oneof(signing, nearlyUserInfo), texts),
    check: async ([make, nonce]) => {
      const { userInfo: resolved } = await resolve(make, []);
      // What is not resolved is no case of this test: another is drawn.
      fc.pre(resolved !== undefined);
      const fields = await present(resolved, nonce).catch(expectOurs);
      if (!fields) return;
      expect(() => JSON.stringify(fields)).not.toThrow();
      const { seed, creds } = resolved.reveal();
      if ((seed ?? creds) !== undefined) expectSignature(fields, nonce);
    },
  });
});

/** User info whose seed is right, or whose signer does what it likes. */
const signing = fc
  .tuple(
    fc.constantFrom<UserInfo>(
      { seed: SECRETS.seed },
      { jwt: SECRETS.jwt, seed: SECRETS.seed },
      { creds: CREDS },
    ),
    fc.option(anything),
  )
  .map(([{ seed, creds, ...rest }, makeSignature]) => {
    if (!makeSignature) return () => ({ seed, creds, ...rest });
    return () => ({ nkey: NKEY, ...rest, sign: () => makeSignature() as Uint8Array });
  });

async function present(resolved: ResolvedUserInfo, nonce: string): Promise<ConnectFields> {
  return prepareConnectFields(resolved.reveal(), {}, driver)(() => nonce);
}

/** A server that sends no nonce wants no signature. */
function expectSignature({ nkey = '', sig }: ConnectFields, nonce: string): void {
  if (nonce === '') return expect(sig).toBeUndefined();
  const signature = Buffer.from(sig ?? '', 'base64url');
  expect(fromPublic(nkey).verify(new TextEncoder().encode(nonce), signature)).toBe(true);
}

const driver = await loadDriver('@nats-io/transport-node');

interface Outcome {
  readonly userInfo?: ResolvedUserInfo;
  readonly error?: unknown;
}

/** The first connect of a source whose provider answers so; the clock runs for as long as it takes. */
async function resolve(answer: () => unknown, told: unknown[]): Promise<Outcome> {
  const clock = new VirtualClock();
  const events = new Emitter<Record<string, unknown>>((error) => told.push(inspect(error)));
  for (const name of ['refreshed', 'refreshFailed'])
    events.on(name, (event) => {
      const { error, ...rest } = event as { error?: Error };
      // The error of a call is the provider's own.
      told.push(inspect(rest, { depth: Infinity }), error ? 'failed' : 'gave');
    });
  const source = new CredentialSource({
    connection: 'fuzz',
    provider: { getUserInfo: answer as () => UserInfo },
    refresh: refreshSettings({ retry: { maxAttempts: 2 } }),
    rejection: { initialDelay: 1, maxDelay: 1, factor: 1 },
    events: events as unknown as Emitter<never>,
    clock,
  });
  let outcome: Outcome | undefined;
  source.resolve({ role: 'server', reason: 'connect', firstConnect: true }).then(
    (userInfo) => (outcome = { userInfo }),
    (error: unknown) => (outcome = { error }),
  );
  // Two calls of at most five seconds, and the longest wait that an error may ask for between them.
  for (let turn = 0; turn < 100 && !outcome; turn++) await clock.advance(5_000);
  source.close();
  await clock.flush();
  expect(clock.pending).toBe(0);
  return outcome ?? expect.fail('It hangs.');
}

function raise(error: unknown): never {
  throw error;
}
