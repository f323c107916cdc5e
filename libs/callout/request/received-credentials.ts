import { inspect } from 'node:util';

import { REDACTED, scrub } from '../../base/index.js';
import { parseJwt } from '../jwt/parse-jwt.js';
import { isPublicNkey, verifySignature } from '../keys/verify-signature.js';
import type { CalloutCredentials } from './callout-request.js';

/** What stands in a request for the authorizer alone, until it is forgotten. */
export interface Presented {
  readonly user?: string;
  readonly nkey?: string;
  token?: string;
  pass?: string;
  jwt?: string;
  /** Of the server, which the client signs. */
  nonce?: string;
  signature?: string;
}

const SECRETS = ['token', 'pass', 'jwt', 'nonce', 'signature'] as const;
/** Less than this is found in any text. */
const SHORTEST_SECRET = 4;

/**
 * Gives secrets by their names to who asks for one, until they are forgotten. They are in a private field: what copies or prints the object, however deep,
 * does not come by one. A copy has none, and does not throw.
 */
export class ReceivedCredentials implements CalloutCredentials {
  readonly #given: Presented;

  constructor(given: Presented) {
    this.#given = given;
    Object.freeze(this);
  }

  static #givenTo(credentials: ReceivedCredentials): Presented | undefined {
    return #given in credentials ? credentials.#given : undefined;
  }

  get token(): string | undefined {
    return ReceivedCredentials.#givenTo(this)?.token;
  }

  get user(): string | undefined {
    return ReceivedCredentials.#givenTo(this)?.user;
  }

  get pass(): string | undefined {
    return ReceivedCredentials.#givenTo(this)?.pass;
  }

  get jwt(): ReceivedJwt | undefined {
    const given = ReceivedCredentials.#givenTo(this);
    if (given?.jwt === undefined) return undefined;
    const jwt = new ReceivedJwt(given, subjectOf(given.jwt));
    // nats-server 2.10 repeats the password of MQTT here.
    return jwt.subject === undefined && given.jwt === given.pass ? undefined : jwt;
  }

  get nkey(): ReceivedNkey | undefined {
    const given = ReceivedCredentials.#givenTo(this);
    return given?.nkey === undefined ? undefined : new ReceivedNkey(given, given.nkey);
  }

  toJSON(): object {
    const given = ReceivedCredentials.#givenTo(this) ?? {};
    const { jwt } = this;
    return {
      ...(given.token === undefined ? {} : { token: REDACTED }),
      ...(given.user === undefined ? {} : { user: withoutSecrets(given.user, secretsIn(given)) }),
      ...(given.pass === undefined ? {} : { pass: REDACTED }),
      ...(jwt === undefined ? {} : { jwt: jwt.toJSON() }),
      ...(given.nkey === undefined ? {} : { nkey: { publicKey: given.nkey } }),
    };
  }

  toString(): string {
    return `Credentials(${Object.keys(this.toJSON()).join(', ')})`;
  }

  [inspect.custom](_depth: number, options: object): string {
    return `Credentials ${inspect(this.toJSON(), options)}`;
  }
}

/** Whoever keeps the request keeps no secret with it. */
export function forgetSecrets(given: Presented): void {
  for (const secret of SECRETS) given[secret] = undefined;
}

/** What must not be told of a request, also as JSON writes it. */
export function secretsIn({ token, pass, jwt, signature }: Presented): readonly string[] {
  return [token, pass, jwt, signature]
    .filter((secret) => secret !== undefined && secret.length >= SHORTEST_SECRET)
    .flatMap((secret = '') => {
      const escaped = JSON.stringify(secret).slice(1, -1);
      return escaped === secret ? [secret] : [secret, escaped];
    });
}

/** A text of others without these secrets, nor what looks like one. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  if (text === '') return '';
  return scrub(secrets.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text));
}

class ReceivedJwt {
  readonly #given: Presented;

  constructor(
    given: Presented,
    readonly subject: string | undefined,
  ) {
    this.#given = given;
  }

  get token(): string {
    return #given in this ? (this.#given.jwt ?? '') : '';
  }

  get proven(): boolean {
    return #given in this && isSignedBy(this.subject, this.#given);
  }

  toJSON(): object {
    return { token: REDACTED, ...(this.subject === undefined ? {} : { subject: this.subject }) };
  }

  [inspect.custom](_depth: number, options: object): string {
    return inspect(this.toJSON(), options);
  }
}

class ReceivedNkey {
  readonly #given: Presented;

  constructor(
    given: Presented,
    readonly publicKey: string,
  ) {
    this.#given = given;
  }

  get proven(): boolean {
    return #given in this && isSignedBy(this.publicKey, this.#given);
  }
}

function subjectOf(jwt: string): string | undefined {
  const subject = parseJwt(jwt)?.claims['sub'];
  return typeof subject === 'string' && isPublicNkey(subject, 'user') ? subject : undefined;
}

/** In config mode no server has looked at the signature, which costs more than all else: it is verified where somebody asks. */
function isSignedBy(publicNkey: string | undefined, given: Presented | undefined): boolean {
  if (publicNkey === undefined || given?.nonce === undefined || given.signature === undefined) return false;
  // Clients send either base64, padded or not: Node.js takes each for the other.
  return verifySignature(publicNkey, Buffer.from(given.nonce), Buffer.from(given.signature, 'base64url'));
}
