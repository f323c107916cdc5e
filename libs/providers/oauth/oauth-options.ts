import {
  knownKeys,
  OptionsInvalidError,
  type UserInfo,
  type UserInfoRequest,
} from '../../credentials/index.js';
import { checkClientAuthentication, type ClientAuthentication } from './client-authentication.js';

/** What a token endpoint issued. */
export interface IssuedToken {
  readonly accessToken: string;
  /** ms since the epoch, from `expires_in`; absent when the server did not say. */
  readonly expiresAt?: number;
}

/**
 * Options of the providers that ask a token endpoint.
 * @public
 */
export interface OAuthOptions {
  /** The authorization server's issuer identifier, such as `https://id.example.com`; its metadata are discovered. */
  issuer: string;
  /** The token endpoint, for a server without metadata. Default: discovered. */
  tokenEndpoint?: string;
  /** Where metadata are: those of OpenID Connect or of OAuth 2.0 (RFC 8414). Default: `oidc`. */
  discovery?: 'oidc' | 'oauth2';
  clientId: string;
  /** How the client proves who it is. */
  authentication: ClientAuthentication;
  /** Who the token is for, as `audience` (Auth0, Okta, token exchange). */
  audience?: string;
  /** Who the token is for, as `resource` (RFC 8707). */
  resource?: string;
  /** More parameters of the token request. */
  parameters?: Readonly<Record<string, string>>;
  /**
   * How the token is presented to NATS: as `token`; as `pass`, with the client's id as `user`; or as a function from the
   * token to user info says. Default: `token`.
   */
  present?:
    'token' | 'pass' | ((token: IssuedToken, request: UserInfoRequest) => UserInfo | Promise<UserInfo>);
  /** Certificates in PEM that the server's is checked against. Default: Node.js's own. */
  ca?: string;
  /** Lets the server be reached over plain HTTP, for tests. Default: false. */
  allowHttp?: boolean;
}

/** `OAuthOptions` that were checked. */
export type OAuthSettings = OAuthOptions;

/** @throws {@link OptionsInvalidError} */
export function oauthSettings(provider: string, options: OAuthOptions): OAuthSettings {
  knownKeys(provider, options, [
    'issuer',
    'tokenEndpoint',
    'discovery',
    'clientId',
    'authentication',
    'audience',
    'resource',
    'parameters',
    'present',
    'ca',
    'allowHttp',
  ]);
  const { allowHttp = false, present = 'token' } = options;
  const check = (ok: boolean, option: string, expected: string) => {
    if (!ok) throw new OptionsInvalidError(`${provider}.${option}`, `expected ${expected}.`);
  };
  const isUrl = (value: unknown) => typeof value === 'string' && canReach(value, allowHttp);
  const start = allowHttp ? 'a URL' : `a URL that begins with 'https://' (or 'allowHttp: true' in a test)`;
  const url = `${start}, without credentials`;
  check(isUrl(options.issuer), 'issuer', url);
  check(options.tokenEndpoint === undefined || isUrl(options.tokenEndpoint), 'tokenEndpoint', url);
  check(['oidc', 'oauth2', undefined].includes(options.discovery), 'discovery', `'oidc' or 'oauth2'`);
  check(
    typeof options.clientId === 'string' && options.clientId !== '',
    'clientId',
    'a string that is not empty',
  );
  check(
    present === 'token' || present === 'pass' || typeof present === 'function',
    'present',
    `'token', 'pass' or a function`,
  );
  for (const option of ['audience', 'resource', 'ca'] as const) {
    check(['string', 'undefined'].includes(typeof options[option]), option, 'a string');
  }
  checkClientAuthentication(`${provider}.authentication`, options.authentication);
  return options;
}

function canReach(url: string, allowHttp: boolean): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, username, password } = new URL(url);
  // No fetch takes them, and its error quotes them.
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (allowHttp && protocol === 'http:');
}
