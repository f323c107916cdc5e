import { describeValue, knownKeys, OptionsInvalidError, unsetHint } from '../../base/index.js';
import type { UserInfo, UserInfoRequest } from '../../credentials/index.js';
import type { OAuthFetch } from './bounded-fetch.js';
import {
  checkCertificates,
  checkClientAuthentication,
  type ClientAuthentication,
} from './client-authentication.js';

/** What a token endpoint issued. */
export interface IssuedToken {
  /** The access token, as the server issued it. */
  readonly accessToken: string;
  /**
   * ms since the epoch, from `expires_in`. When that is absent or no lifetime (`null`, 0, -1, one that no `Date` can hold), from the
   * token's `exp`; absent when it is no JWT either: its expiry is not known.
   */
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
  /** The id that the client is registered with. */
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
  /**
   * Sends the requests, for a proxy that Node.js's own does not know of: `(url, request) => fetch(url, { ...request, dispatcher })`.
   * It must follow no redirect. Not beside `ca` or `tls_client_auth`, whose connections are Node.js's. Default: `fetch`.
   */
  fetch?: OAuthFetch;
  /** Lets the server be reached over plain HTTP, for tests. Default: false. */
  allowHttp?: boolean;
}

/** `OAuthOptions` that were checked. */
export interface OAuthSettings extends OAuthOptions {
  /** The provider's name, before that of an option. */
  readonly provider: string;
}

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
    'fetch',
    'allowHttp',
  ]);
  const { allowHttp = false, present = 'token' } = options;
  const check = (ok: boolean, option: keyof OAuthOptions, expected: string) => {
    if (ok) return;
    const got = options[option];
    const what = `expected ${expected}, got ${describeValue(got, 'type')}.${unsetHint(got)}`;
    throw new OptionsInvalidError(`${provider}.${option}`, what);
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
  if (options.ca !== undefined) checkCertificates(`${provider}.ca`, { ca: options.ca });
  check(typeof (options.parameters ?? {}) === 'object', 'parameters', 'an object of strings');
  for (const [name, value] of Object.entries(options.parameters ?? {}))
    if (typeof (value as unknown) !== 'string')
      throw new OptionsInvalidError(
        `${provider}.parameters.${name}`,
        `expected a string, got ${describeValue(value, 'type')}.${unsetHint(value)}`,
      );
  checkClientAuthentication(`${provider}.authentication`, options.authentication);
  const hasCertificates = options.ca !== undefined || options.authentication.method === 'tls_client_auth';
  check(['function', 'undefined'].includes(typeof options.fetch), 'fetch', 'a function');
  check(
    options.fetch === undefined || !hasCertificates,
    'fetch',
    `none beside 'ca' or 'tls_client_auth': give the certificates to the connections of that function`,
  );
  return { ...options, provider };
}

/**
 * The value of a parameter that is a list of texts, `undefined` for none.
 * @throws {@link OptionsInvalidError}
 */
export function scopeOf(provider: string, scope: string | readonly string[] | undefined): string | undefined {
  if (scope === undefined) return undefined;
  const scopes: unknown[] = [scope].flat();
  if (!isTexts(scopes))
    throw new OptionsInvalidError(`${provider}.scope`, 'expected a string or a list of strings.');
  return scopes.join(' ');
}

function isTexts(values: readonly unknown[]): values is string[] {
  return values.every((value) => typeof value === 'string');
}

function canReach(url: string, allowHttp: boolean): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, username, password } = new URL(url);
  // No fetch takes them, and its error quotes them.
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (allowHttp && protocol === 'http:');
}
