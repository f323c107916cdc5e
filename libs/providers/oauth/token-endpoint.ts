import type { AuthorizationServer, TokenEndpointResponse } from 'oauth4webapi';

import {
  asError,
  describeError,
  NatsAuthError,
  PackageMissingError,
  scrub,
  type UserInfo,
  type UserInfoRequest,
} from '../../credentials/index.js';
import { clientAuth, clientOf } from './client-authentication.js';
import { failedResponse } from './failed-response.js';
import type { IssuedToken, OAuthSettings } from './oauth-options.js';
import { TokenRequestError } from './token-request-error.js';
import { fetchWithTls } from './tls-fetch.js';
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
    const { access_token, expires_in } = await this.#token(grantType, parameters, request.signal);
    const expiresAt = expires_in === undefined ? undefined : askedAt + expires_in * 1_000;
    return this.#present({ accessToken: access_token, expiresAt }, request);
  }

  async #token(
    grantType: string,
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<TokenEndpointResponse> {
    const { clientId, authentication, audience, resource, parameters: more } = this.#settings;
    const oauth = await loadOAuth();
    const server = await this.#discovered(oauth, signal);
    const what = `The token endpoint of '${server.issuer}'`;
    const response = await this.#asking(what, signal, async () =>
      oauth.genericTokenEndpointRequest(
        server,
        clientOf(clientId, authentication),
        await clientAuth(oauth, authentication),
        grantType,
        { ...parameters, ...(audience && { audience }), ...(resource && { resource }), ...more },
        this.#http(oauth, signal),
      ),
    );
    if (!response.ok) throw await failedResponse(what, response);
    return this.#asking(what, signal, () =>
      oauth.processGenericTokenEndpointResponse(server, clientOf(clientId, authentication), response, {
        // A token exchange may give a token that is no access token (RFC 8693, section 2.2.1).
        recognizedTokenTypes: { n_a: () => {} },
      }),
    );
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
      throw new TokenRequestError(`${what} gave no usable answer: ${reasonOf(cause)}`, {
        cause: withoutAnswer(cause),
        retryable: true,
      });
    }
  }

  #http(oauth: OAuth, signal: AbortSignal): object {
    const { ca, authentication, allowHttp = false } = this.#settings;
    const { cert, key } = authentication.method === 'tls_client_auth' ? authentication : {};
    return {
      signal,
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- It is marked so to be noticed; here it is asked for.
      [oauth.allowInsecureRequests]: allowHttp,
      ...((ca ?? cert) !== undefined && { [oauth.customFetch]: fetchWithTls({ ca, cert, key }) }),
    };
  }

  #present(token: IssuedToken, request: UserInfoRequest): UserInfo | Promise<UserInfo> {
    const { present = 'token', clientId } = this.#settings;
    const { accessToken, expiresAt } = token;
    if (typeof present === 'function') return present(token, request);
    return present === 'token'
      ? { token: accessToken, expiresAt }
      : { user: clientId, pass: accessToken, expiresAt };
  }
}

/** What fetch says is only that it failed; why is in the cause. */
function reasonOf(error: unknown): string {
  const { cause } = asError(error);
  const { code } = (cause ?? {}) as { code?: unknown };
  return [describeError(error), typeof code === 'string' ? scrub(code) : ''].filter(Boolean).join(', ');
}

async function loadOAuth(): Promise<OAuth> {
  try {
    return await import('oauth4webapi');
  } catch (cause) {
    throw new PackageMissingError('An OAuth provider', 'oauth4webapi', cause);
  }
}
