import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';

import { exportJWK, generateKeyPair, jwtVerify, type JWK, type KeyInput } from 'jose';
import { freePort } from 'nestjs-nats-auth/testing';
import Provider, { type ClientMetadata, type Configuration } from 'oidc-provider';

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

export interface IdentityProviderOptions {
  readonly clients: readonly ClientMetadata[];
  /** Default: 300. */
  readonly lifetimeSeconds?: number;
  /** Serves HTTPS and asks clients for a certificate. Default: HTTP. */
  readonly tls?: ServerOptions;
  /** Whose tokens can be exchanged. */
  readonly workloadKey?: KeyInput;
}

/** What a fault does with a request in the provider's place; when it returns false, the provider answers. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A real OpenID provider on a free port, whose answers can be disturbed. */
export interface IdentityProvider {
  readonly issuer: string;
  /** Paths of the requests so far. */
  readonly requests: readonly string[];
  /** Disturbs requests to `path`, the next `times`. */
  disturb(path: string, times: number, fault: Fault): void;
  /** Signs with a new key from now on, and no longer publishes the old one. */
  rotateKeys(): Promise<void>;
  close(): Promise<void>;
  /** Listens again on the same port after `close()`. */
  listen(): Promise<void>;
}

/** The audience of its tokens. */
export const AUDIENCE = 'urn:nats';

export async function startIdentityProvider(options: IdentityProviderOptions): Promise<IdentityProvider> {
  const requests: string[] = [];
  const faults: { path: string; fault: Fault }[] = [];
  let handle: (request: IncomingMessage, response: ServerResponse) => unknown;
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    requests.push(path);
    const next = faults.findIndex((one) => one.path === path);
    const [disturbance] = next < 0 ? [] : faults.splice(next, 1);
    if (!disturbance?.fault(request, response)) handle(request, response);
  };
  const server = options.tls ? createHttpsServer(options.tls, answer) : createHttpServer(answer);
  const port = await freePort();
  const listen = async () => {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  };
  await listen();
  const issuer = `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  const withNewKey = async () => {
    handle = await providerWith(issuer, options);
  };
  await withNewKey();
  return {
    issuer,
    requests,
    disturb: (path, times, fault) => {
      for (let time = 0; time < times; time++) faults.push({ path, fault });
    },
    rotateKeys: withNewKey,
    listen,
    close: async () => {
      if (server.listening) await new Promise((resolve) => server.close(resolve).closeAllConnections());
    },
  };
}

async function providerWith(issuer: string, options: IdentityProviderOptions) {
  const key = { ...(await newKey()), kid: randomBytes(4).toString('hex'), alg: 'ES256', use: 'sig' };
  const provider = new Provider(issuer, configuration(options, key));
  if (options.workloadKey) addTokenExchange(provider, options.workloadKey);
  return provider.callback();
}

async function newKey(): Promise<JWK> {
  return exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey);
}

function configuration(
  { clients, lifetimeSeconds = 300, workloadKey }: IdentityProviderOptions,
  key: JWK,
): Configuration {
  return {
    clients: clients.map((client) => ({
      redirect_uris: [],
      response_types: [],
      id_token_signed_response_alg: 'ES256',
      grant_types: workloadKey ? [TOKEN_EXCHANGE] : ['client_credentials'],
      ...client,
    })),
    jwks: { keys: [key] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    scopes: ['nats'],
    clientAuthMethods: [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
      'tls_client_auth',
      'none',
    ],
    ttl: { ClientCredentials: lifetimeSeconds },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        getResourceServerInfo: (_, resource) => resourceServer(resource, lifetimeSeconds),
      },
      mTLS: {
        enabled: true,
        tlsClientAuth: true,
        getCertificate: (context) => {
          return (context.socket as TLSSocket).getPeerX509Certificate()?.toString();
        },
        certificateAuthorized: (context) => (context.socket as TLSSocket).authorized,
        certificateSubjectMatches: (context, property, expected) => {
          const { subject } = (context.socket as TLSSocket).getPeerCertificate();
          return property === 'tls_client_auth_subject_dn' && `CN=${String(subject.CN)}` === expected;
        },
      },
    },
  };
}

function resourceServer(audience: string, lifetimeSeconds: number) {
  return {
    scope: 'nats',
    audience,
    accessTokenTTL: lifetimeSeconds,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'ES256' } },
  } as const;
}

/** RFC 8693 for the tokens of one workload key; the library leaves the grant to its user. */
function addTokenExchange(provider: Provider, workloadKey: KeyInput): void {
  const parameters = [
    'subject_token',
    'subject_token_type',
    'requested_token_type',
    'audience',
    'scope',
    'resource',
  ];
  provider.registerGrantType(
    TOKEN_EXCHANGE,
    async (context) => {
      const { client, params } = context.oidc;
      const valid = await jwtVerify(String(params['subject_token']), workloadKey).then(
        () => true,
        () => false,
      );
      if (!valid) {
        context.status = 400;
        context.body = { error: 'invalid_grant', error_description: 'the subject token is not valid' };
        return;
      }
      const token = new provider.ClientCredentials({ client, scope: 'nats' });
      token.resourceServer = new provider.ResourceServer(AUDIENCE, resourceServer(AUDIENCE, 300));
      context.body = {
        access_token: await token.save(),
        issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        token_type: 'Bearer',
        expires_in: token.expiration,
      };
    },
    parameters,
  );
}
