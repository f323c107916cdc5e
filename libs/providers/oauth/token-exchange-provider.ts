import { OptionsInvalidError } from '../../base/index.js';
import type { UserInfo, UserInfoProvider, UserInfoRequest } from '../../credentials/index.js';
import { textOf } from './option-functions.js';
import { type OAuthOptions, oauthSettings, scopeOf } from './oauth-options.js';
import { TokenEndpoint } from './token-endpoint.js';

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const JWT_TYPE = 'urn:ietf:params:oauth:token-type:jwt';

/**
 * Options of `TokenExchangeProvider`.
 * @public
 */
export interface TokenExchangeOptions extends OAuthOptions {
  /** Gives the token to exchange, such as a workload's identity token from a file; asked for each time. */
  subjectToken: (signal: AbortSignal) => string | Promise<string>;
  /** Default: `urn:ietf:params:oauth:token-type:jwt`. */
  subjectTokenType?: string;
  /** Default: what the authorization server chooses. */
  requestedTokenType?: string;
  /** What the token is asked to allow. Default: what the authorization server chooses. */
  scope?: string | readonly string[];
}

/**
 * Exchanges a token that the workload has for one that NATS accepts (RFC 8693), each time user info is wanted. Needs the
 * package `oauth4webapi`.
 * @throws `OptionsInvalidError` from the constructor, with the name of the option.
 * @public
 */
export class TokenExchangeProvider implements UserInfoProvider {
  readonly #endpoint: TokenEndpoint;
  readonly #subjectToken: TokenExchangeOptions['subjectToken'];
  readonly #parameters: Readonly<Record<string, string>>;

  constructor(options: TokenExchangeOptions) {
    const { subjectToken, subjectTokenType = JWT_TYPE, requestedTokenType, scope, ...common } = options;
    const settings = oauthSettings('TokenExchangeProvider', common);
    if (typeof subjectToken !== 'function')
      throw new OptionsInvalidError(
        'TokenExchangeProvider.subjectToken',
        'expected a function that gives a token.',
      );
    for (const [option, type] of Object.entries({ subjectTokenType, requestedTokenType })) {
      if (type !== undefined && (typeof type !== 'string' || type === ''))
        throw new OptionsInvalidError(
          `TokenExchangeProvider.${option}`,
          'expected a string that is not empty.',
        );
    }
    const scopes = scopeOf('TokenExchangeProvider', scope);
    this.#endpoint = new TokenEndpoint(settings);
    this.#subjectToken = subjectToken;
    this.#parameters = {
      subject_token_type: subjectTokenType,
      ...(requestedTokenType !== undefined && { requested_token_type: requestedTokenType }),
      ...(scopes !== undefined && { scope: scopes }),
    };
  }

  /**
   * @throws {@link TokenRequestError} retryable unless the authorization server refused the exchange.
   * @throws `OptionsInvalidError` or `UserInfoUnavailableError` when a function of the options gave nothing usable.
   */
  async getUserInfo(request: UserInfoRequest): Promise<UserInfo> {
    const option = 'TokenExchangeProvider.subjectToken';
    const subjectToken = await textOf(option, request.signal, this.#subjectToken);
    const parameters = { ...this.#parameters, subject_token: subjectToken };
    return this.#endpoint.userInfo(GRANT_TYPE, parameters, request);
  }
}
