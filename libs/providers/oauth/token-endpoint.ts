import type { AuthorizationServer, TokenEndpointResponse } from 'oauth4webapi';

import { describeError, NatsAuthError, PackageMissingError } from '../../base/index.js';
import type { UserInfo, UserInfoRequest } from '../../credentials/index.js';
import { clientAuth, clientOf } from './client-authentication.js';
import { boundedFetch } from './bounded-fetch.js';
import { failedResponse, retryAfterOf } from './failed-response.js';
import { callOption } from './option-functions.js';
import type { IssuedToken, OAuthSettings } from './oauth-options.js';
import { TokenRequestError } from './token-request-error.js';
import { fetchWithTls } from './tls-fetch.js';
import { tokenExpiry } from './token-lifetime.js';
import { withoutAnswer } from './without-answer.js';

type OAuth = typeof import('oauth4webapi');

/** An authorization server's token endpoint, asked as one client. */
export class TokenEndpoint {
  readonly #settings: OAuthSettings;
  /** Discovered once; again after anything but an answer of the token endpoint. */
  #server?: AuthorizationServer;

  constructor(settings: OAuthSettings) {
    this.#settings = settings;
  }

  /**
   * Asks for a token, and makes user info of it.
   * @throws {@link TokenRequestError}
   */
  async userInfo(
    grantType: string,
    parameters: Readonly<Record<string, string>>,
    request: UserInfoRequest,
  ): Promise<UserInfo> {
    const askedAt = Date.now();
    const { accessToken, expiresIn } = await this.#token(grantType, parameters, request.signal);
    return this.#present({ accessToken, expiresAt: tokenExpiry(accessToken, expiresIn, askedAt) }, request);
  }

  async #token(
    grantType: string,
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<{ accessToken: string; expiresIn: unknown }> {
    const { provider, clientId, authentication, audience, resource, parameters: more } = this.#settings;
    const oauth = await loadOAuth();
    const proof = await clientAuth(oauth, `${provider}.authentication`, authentication, signal);
    const server = await this.#discovered(oauth, signal);
    const what = `The token endpoint of '${server.issuer}'`;
    const response = await this.#asking(what, signal, () =>
      oauth.genericTokenEndpointRequest(
        server,
        clientOf(clientId, authentication),
        proof,
        grantType,
        { ...parameters, ...(audience && { audience }), ...(resource && { resource }), ...more },
        this.#http(oauth, signal),
      ),
    );
    if (!response.ok) throw await failedResponse(what, response);
    const { token, expiresIn } = await tokenOnly(response);
    const { access_token: accessToken } = await this.#asking(what, signal, () =>
      oauth.processGenericTokenEndpointResponse(server, clientOf(clientId, authentication), token, {
        // A token exchange may give a token that is no access token (RFC 8693, section 2.2.1).
        recognizedTokenTypes: { n_a: () => {} },
      }),
    );
    return { accessToken, expiresIn };
  }

  async #discovered(oauth: OAuth, signal: AbortSignal): Promise<AuthorizationServer> {
    const { issuer, tokenEndpoint, discovery = 'oidc' } = this.#settings;
    if (tokenEndpoint !== undefined) return { issuer, token_endpoint: tokenEndpoint };
    if (this.#server) return this.#server;
    const what = `The discovery of '${issuer}'`;
    const response = await this.#asking(what, signal, () =>
      oauth.discoveryRequest(new URL(issuer), { ...this.#http(oauth, signal), algorithm: discovery }),
    );
    // A server that is being set up has no metadata yet: nothing that is wrong here is wrong for good.
    if (!response.ok)
      throw new TokenRequestError(`${what} answered ${response.status}: is 'issuer' right?`, {
        status: response.status,
        retryable: true,
        retryAfterMs: retryAfterOf(response),
      });
    return (this.#server = await this.#asking(what, signal, () =>
      oauth.processDiscoveryResponse(new URL(issuer), response),
    ));
  }

  /** Says what could not be asked; an abort goes through as it is. */
  async #asking<T>(what: string, signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (cause) {
      signal.throwIfAborted();
      if (cause instanceof NatsAuthError) throw cause;
      this.#server = undefined;
      const failure = withoutAnswer(cause);
      throw new TokenRequestError(`${what} gave no usable answer: ${describeError(failure)}`, {
        cause: failure,
        retryable: true,
      });
    }
  }

  #http(oauth: OAuth, signal: AbortSignal): object {
    const { provider, ca, authentication, allowHttp = false, fetch: send = fetch } = this.#settings;
    const { cert, key } = authentication.method === 'tls_client_auth' ? authentication : {};
    const hasCertificates = (ca ?? cert) !== undefined;
    return {
      signal,
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- It is marked so to be noticed; here it is asked for.
      [oauth.allowInsecureRequests]: allowHttp,
      [oauth.customFetch]: boundedFetch(
        `${provider}.fetch`,
        hasCertificates ? fetchWithTls({ ca, cert, key }) : send,
      ),
    };
  }

  #present(token: IssuedToken, request: UserInfoRequest): UserInfo | Promise<UserInfo> {
    const { provider, present = 'token', clientId } = this.#settings;
    const { accessToken, expiresAt } = token;
    if (typeof present === 'function')
      return callOption(`${provider}.present`, request.signal, () => present(token, request));
    return present === 'token'
      ? { token: accessToken, expiresAt }
      : { user: clientId, pass: accessToken, expiresAt };
  }
}

/**
 * The part of an answer that is of use here, for the library to judge: servers write odd things into the fields that are not, and
 * `expires_in` is read elsewhere.
 */
async function tokenOnly(response: Response): Promise<{ token: Response; expiresIn?: unknown }> {
  const whole = response.clone();
  const body: unknown = await response.json().catch(() => undefined);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { token: whole };
  const { access_token, token_type, expires_in: expiresIn } = body as Partial<TokenEndpointResponse>;
  return { token: Response.json({ access_token, token_type }, { status: response.status }), expiresIn };
}

async function loadOAuth(): Promise<OAuth> {
  try {
    return await import('oauth4webapi');
  } catch (cause) {
    throw new PackageMissingError('An OAuth provider', 'oauth4webapi', cause);
  }
}
