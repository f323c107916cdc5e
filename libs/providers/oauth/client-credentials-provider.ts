import type { UserInfo, UserInfoProvider, UserInfoRequest } from '../../credentials/index.js';
import { type OAuthOptions, oauthSettings, scopeOf } from './oauth-options.js';
import { TokenEndpoint } from './token-endpoint.js';

/**
 * Options of `ClientCredentialsProvider`.
 * @public
 */
export interface ClientCredentialsOptions extends OAuthOptions {
  /** Scopes of the token, such as `nats` or `['nats', 'orders']`. Default: what the provider gives without. */
  scope?: string | readonly string[];
}

/**
 * Fetches an access token with the client credentials grant of OAuth 2.0 (RFC 6749, section 4.4) each time user info is
 * wanted, and presents it to NATS. Needs the package `oauth4webapi`.
 * @throws `OptionsInvalidError` from the constructor, with the name of the option.
 * @public
 */
export class ClientCredentialsProvider implements UserInfoProvider {
  // #private fields: neither an inspect nor a dump reaches the client's secret.
  readonly #endpoint: TokenEndpoint;
  readonly #parameters: Readonly<Record<string, string>>;

  constructor(options: ClientCredentialsOptions) {
    const { scope, ...common } = options;
    this.#endpoint = new TokenEndpoint(oauthSettings('ClientCredentialsProvider', common));
    const scopes = scopeOf('ClientCredentialsProvider', scope);
    this.#parameters = scopes === undefined ? {} : { scope: scopes };
  }

  /**
   * @throws {@link TokenRequestError} retryable unless the authorization server refused the client or what it asked for.
   * @throws `OptionsInvalidError` or `UserInfoUnavailableError` when a function of the options gave nothing usable.
   */
  getUserInfo(request: UserInfoRequest): Promise<UserInfo> {
    return this.#endpoint.userInfo('client_credentials', this.#parameters, request);
  }
}
