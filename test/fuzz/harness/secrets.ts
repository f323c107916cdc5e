import { inspect } from 'node:util';

import { NatsAuthError } from 'nestjs-nats-auth';
import { expect } from 'vitest';

import { scrub } from '../../../libs/base/index.js';

/** In every secret below. */
const MARK = 'MARKED';

/** Secrets in all shapes; what may quote words of others must know the last three for what they are. */
export const SECRETS = {
  password: `pa55-${MARK}`,
  jwt: `eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.${MARK}`,
  // A real one, that signs.
  seed: `SUAAAAAA${MARK}FUZZFUZZFUZZFUZZFUZZFUZZFUZZFUZZFUZZFUZZHSQI`,
  url: `nats://svc:${MARK}@127.0.0.1:4222`,
};

/** The public key of the seed: no secret. */
export const NKEY = 'UBDASGPH2B2ZFFXHUVZO3HPBMYRAWHZ3CKHTNAYHWHAOPFZS7IUWGUDW';

/** The contents of a `.creds` file with JWT and seed. */
export const CREDS = [
  `-----BEGIN NATS USER JWT-----\n${SECRETS.jwt}\n------END NATS USER JWT------`,
  `-----BEGIN USER NKEY SEED-----\n${SECRETS.seed}\n------END USER NKEY SEED------\n`,
].join('\n\n');

/** Whether a secret can be read in a text. */
export function hasSecret(text: string): boolean {
  return text.includes(MARK);
}

/** A secret that looks like any word is quoted when it stands where no secret belongs: SECURITY.md says so. */
export function withoutPlainSecrets(value: unknown): unknown {
  return hasSecret(scrub(inspect(value, { depth: Infinity, getters: true }))) ? 'a secret' : value;
}

/** Fails when a text, or an inspection at any depth, shows a secret. */
export function expectNoSecret(told: unknown): void {
  const text = typeof told === 'string' ? told : inspect(told, { depth: Infinity, showHidden: true });
  expect(text).not.toContain(MARK);
}

/** Fails unless it is an error of ours in which no secret can be read. A cause may be somebody else's: it is as it was. */
export function expectOurs(error: unknown): void {
  if (!(error instanceof NatsAuthError)) throw error;
  for (let one: unknown = error; one instanceof NatsAuthError; one = one.cause) {
    expect(one.message).not.toBe('');
    const {
      cause: _,
      stack = '',
      ...rest
    } = Object.fromEntries(
      Object.getOwnPropertyNames(one).map((name) => [name, one[name as keyof typeof one]]),
    );
    expectNoSecret(String(stack));
    expectNoSecret({ ...rest, message: one.message });
  }
}

/** Fails when a secret can be read in an error, or in what caused it, whoever made them. */
export function expectNoSecretInside(error: Error): void {
  for (const one of withCauses(error)) {
    expectNoSecret(`${one.name} ${one.message} ${one.stack}`);
    expectNoSecret(Object.entries(one).filter(([name]) => name !== 'cause'));
  }
}

function withCauses(error: unknown, causes: readonly Error[] = []): readonly Error[] {
  if (!(error instanceof Error) || causes.includes(error)) return causes;
  return withCauses(error.cause, [...causes, error]);
}
