import { Injectable } from '@nestjs/common';
import { createRemoteJWKSet, type JWTVerifyGetKey, jwtVerify } from 'jose';

/** Who a valid token is of. */
export interface Identity {
  readonly service: string;
  /** ms since the epoch. */
  readonly expiresAt: number;
}

/** Checks access tokens against the keys that the identity provider publishes. */
@Injectable()
export class TokenVerifier {
  readonly #keys: JWTVerifyGetKey;

  constructor(
    private readonly issuer: string,
    private readonly audience: string,
  ) {
    // A token signed with a key that is not known yet has the keys fetched again; those that are known serve on while
    // the provider is away.
    this.#keys = createRemoteJWKSet(new URL(`${issuer}/jwks`), {
      cooldownDuration: 0,
      cacheMaxAge: Infinity,
    });
  }

  /** @throws {Error} for a token of another issuer or audience, one that has expired, or that nobody we know signed. */
  async verify(token: string): Promise<Identity> {
    const { payload } = await jwtVerify(token, this.#keys, {
      issuer: this.issuer,
      audience: this.audience,
      requiredClaims: ['exp', 'client_id'],
    });
    return { service: String(payload['client_id']), expiresAt: (payload.exp ?? 0) * 1_000 };
  }
}
