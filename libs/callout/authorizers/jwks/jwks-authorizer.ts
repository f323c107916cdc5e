import { PackageMissingError } from '../../../base/index.js';
import type { Admission } from '../../admission.js';
import type { AuthorizeContext, Authorizer } from '../../authorizer.js';
import { RefusedError } from '../../errors.js';
import type { CalloutRequest } from '../../request/callout-request.js';
import { completed } from '../completed.js';
import { type JwksOptions, jwksSettings, type JwksSettings, type TokenClaims } from './jwks-options.js';
import { KeySet } from './key-set.js';
import { presentedToken } from './presented-token.js';
import { KeysUnavailableError, PublishedKeys } from './published-keys.js';
import { codeOf, tokenRefusal } from './token-refusal.js';

type Jose = typeof import('jose');
type FindKey = ReturnType<Jose['createLocalJWKSet']>;
type VerifyOptions = NonNullable<Parameters<Jose['jwtVerify']>[2]>;

/**
 * Admits the bearers of tokens that an identity provider (OpenID Connect, OAuth 2.0) has signed. It needs the package `jose`.
 *
 * ```ts
 * new JwksAuthorizer({
 *   issuer: 'https://id.example.com',
 *   audience: 'nats',
 *   admit: ({ client_id }) => ({ name: subjectToken(client_id), account: 'APP' }),
 * });
 * ```
 * @public
 */
export class JwksAuthorizer implements Authorizer {
  readonly #settings: JwksSettings;
  readonly #jose: Promise<Jose>;
  readonly #keys: KeySet<FindKey>;

  /** @throws `OptionsInvalidError` */
  constructor(options: JwksOptions) {
    this.#settings = jwksSettings(options);
    this.#jose = loadJose();
    // Told by each call that needs it.
    this.#jose.catch(() => {});
    const { cooldown, maxKeyAge, clock } = this.#settings;
    const published = new PublishedKeys(this.#settings);
    this.#keys = new KeySet(
      async () => this.#keysIn(await published.fetch()),
      { cooldown, maxAge: maxKeyAge },
      clock,
    );
  }

  /**
   * @throws {@link RefusedError} the token has `expired`, or is not right (`credentials`); or `admit` does not know its bearer (`unknown`).
   * @throws {@link KeysUnavailableError} nobody can tell, as the identity provider's keys cannot be fetched.
   * @throws `PackageMissingError` `jose` is not installed.
   */
  async authorize(request: CalloutRequest, context: AuthorizeContext): Promise<Admission> {
    const { from, maxTokenSize, admit, sessionGrace } = this.#settings;
    const token = presentedToken(request, from, maxTokenSize);
    const claims = await this.#verify(token, context.signal);
    const admission = await admit(claims, request, context);
    if (!admission) throw new RefusedError('The bearer of the token is not known.', { reason: 'unknown' });
    return completed(admission, {
      name: () => nameIn(claims),
      expiresAt: claims.exp * 1_000 + sessionGrace,
    });
  }

  async #verify(token: string, signal: AbortSignal): Promise<TokenClaims> {
    const jose = await this.#jose;
    const known = await this.#keys.current(signal);
    try {
      return await this.#claimsOf(jose, token, known);
    } catch (thrown) {
      if (codeOf(thrown) !== 'ERR_JWKS_NO_MATCHING_KEY') throw tokenRefusal(thrown);
    }
    const newer = await this.#keys.newerThan(known, signal);
    try {
      return await this.#claimsOf(jose, token, newer ?? known);
    } catch (thrown) {
      throw tokenRefusal(thrown);
    }
  }

  async #claimsOf(jose: Jose, token: string, findKey: FindKey): Promise<TokenClaims> {
    const options = this.#verifyOptions();
    try {
      return claimsIn(await jose.jwtVerify(token, findKey, options));
    } catch (thrown) {
      if (codeOf(thrown) !== 'ERR_JWKS_MULTIPLE_MATCHING_KEYS') throw thrown;
      // The token does not say which of its issuer's keys signed it.
      for await (const key of thrown as InstanceType<Jose['errors']['JWKSMultipleMatchingKeys']>) {
        try {
          return claimsIn(await jose.jwtVerify(token, key, options));
        } catch (error) {
          if (codeOf(error) !== 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED') throw error;
        }
      }
      throw thrown;
    }
  }

  #verifyOptions(): VerifyOptions {
    const { issuer, audience, algorithms, typ, requiredClaims, maxTokenAge, clockTolerance, clock } =
      this.#settings;
    return {
      issuer,
      audience: [audience].flat(),
      algorithms: [...algorithms],
      requiredClaims: ['exp', ...requiredClaims],
      clockTolerance: clockTolerance / 1_000,
      currentDate: new Date(clock.now()),
      ...(typ !== undefined && { typ }),
      ...(maxTokenAge !== undefined && { maxTokenAge: maxTokenAge / 1_000 }),
    };
  }

  async #keysIn(jwks: object): Promise<FindKey> {
    const jose = await this.#jose;
    try {
      return jose.createLocalJWKSet(jwks as Parameters<Jose['createLocalJWKSet']>[0]);
    } catch (cause) {
      throw new KeysUnavailableError(this.#settings.issuer, 'what it publishes is no JSON Web Key Set.', {
        cause,
      });
    }
  }
}

/** The last moment that a `Date` can hold, in seconds. */
const LATEST_TIME_S = 8.64e12;

function claimsIn({ payload }: { readonly payload: object }): TokenClaims {
  const claims = payload as TokenClaims;
  // 1e999 is a number to JSON.
  if (claims.exp <= LATEST_TIME_S) return claims;
  throw new RefusedError(`The token has an 'exp' that is no moment.`);
}

function nameIn({ sub }: TokenClaims): string {
  if (typeof sub === 'string' && sub !== '') return sub;
  throw new RefusedError(`The token has no 'sub' to name its bearer: have 'admit' give a name.`);
}

async function loadJose(): Promise<Jose> {
  try {
    return await import('jose');
  } catch (cause) {
    throw new PackageMissingError('JwksAuthorizer', 'jose', cause);
  }
}
