import { inspect } from 'node:util';

import fc from 'fast-check';
import { describe, expect } from 'vitest';

import { loadDriver } from '../../libs/connection/index.js';
import { prepareConnectFields } from '../../libs/connection/dialling/connect-fields.js';
import {
  CredentialSource,
  Emitter,
  refreshSettings,
  type ResolvedUserInfo,
  type UserInfo,
  VirtualClock,
} from '../../libs/credentials/index.js';
import { fuzz } from './harness/fuzz.js';
import { anything, texts } from './harness/odd-values.js';
import { CREDS, expectNoSecret, expectOurs, SECRETS, withoutPlainSecrets } from './harness/secrets.js';

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

  fuzz('whatever was resolved is presented, or one clear error', {
    cases: 4_000,
    of: fc.tuple(nearlyUserInfo, texts),
    check: async ([make, nonce]) => {
      const { userInfo: resolved } = await resolve(make, []);
      if (!resolved) return;
      try {
        const fields = await prepareConnectFields(resolved.reveal(), {}, driver)(() => nonce);
        expect(() => JSON.stringify(fields)).not.toThrow();
      } catch (error) {
        expectOurs(error);
      }
    },
  });
});

const driver = loadDriver('@nats-io/transport-node');

interface Outcome {
  readonly userInfo?: ResolvedUserInfo;
  readonly error?: unknown;
}

/** The first connect of a source whose provider answers so; the clock runs for as long as it takes. */
async function resolve(answer: () => unknown, told: unknown[]): Promise<Outcome> {
  const clock = new VirtualClock();
  const events = new Emitter<Record<string, unknown>>((error) => told.push(inspect(error)));
  for (const name of ['refreshed', 'refreshFailed', 'renewed'])
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
