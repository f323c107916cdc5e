import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';

import { exportJWK, generateKeyPair } from 'jose';
import { freePort } from 'nestjs-nats-auth/testing';
import Provider, { type Adapter, type JWK } from 'oidc-provider';

/** Who the access tokens are for. */
export const AUDIENCE = 'urn:nats';

/** An OpenID provider that gives access tokens to services. It can be stopped, and its signing keys rotated. */
export class IdentityProvider {
  /** Client secrets by client id. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly #disabled = new Set<string>();
  readonly #server: Server = createServer((request, response) => this.#answer(request, response));
  /** Newest first: the first one signs, the others are still published. */
  #keys: JWK[] = [];
  #answer: RequestListener = (_, response) => response.writeHead(503).end();
  #port = 0;

  constructor(
    clients: readonly string[],
    private readonly tokenLifetimeMs: number,
  ) {
    this.secrets = new Map(clients.map((client) => [client, randomBytes(16).toString('hex')]));
  }

  get issuer(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get isUp(): boolean {
    return this.#server.listening;
  }

  /** The id of the key that signs. */
  get keyId(): string {
    return this.#keys[0]?.kid ?? '';
  }

  /** Listens, on the same port as before. */
  async start(): Promise<void> {
    // Not a port of outgoing connections: one of those could take it while this is stopped.
    this.#port ||= await freePort();
    await once(this.#server.listen(this.#port, '127.0.0.1'), 'listening');
    if (this.#keys.length === 0) await this.rotateSigningKeys();
  }

  async stop(): Promise<void> {
    if (this.isUp) await new Promise((resolve) => this.#server.close(resolve).closeAllConnections());
  }

  /** Signs with a new key. The one before stays published: tokens that it signed are valid until they expire. */
  async rotateSigningKeys(): Promise<void> {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const key = {
      ...(await exportJWK(privateKey)),
      kid: randomBytes(3).toString('hex'),
      alg: 'ES256',
      use: 'sig',
    };
    this.#keys = [key, ...this.#keys.slice(0, 1)];
    this.#configure();
  }

  /** Gives this client no token any more. */
  disable(client: string): void {
    this.#disabled.add(client);
    this.#configure();
  }

  enable(client: string): void {
    this.#disabled.delete(client);
    this.#configure();
  }

  /** The library takes keys and clients when it is made; a new one behind the same port is what a reload would be. */
  #configure(): void {
    const enabled = [...this.secrets].filter(([client]) => !this.#disabled.has(client));
    const accessToken = {
      scope: 'nats',
      audience: AUDIENCE,
      accessTokenTTL: this.tokenLifetimeMs / 1_000,
      accessTokenFormat: 'jwt',
      jwt: { sign: { alg: 'ES256' } },
    } as const;
    const provider = new Provider(this.issuer, {
      clients: enabled.map(([client_id, client_secret]) => ({
        client_id,
        client_secret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: 'ES256',
      })),
      jwks: { keys: this.#keys },
      scopes: ['nats'],
      adapter: NothingToStore,
      ttl: { ClientCredentials: accessToken.accessTokenTTL },
      cookies: { keys: [randomBytes(16).toString('hex')] },
      features: {
        clientCredentials: { enabled: true },
        devInteractions: { enabled: false },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => AUDIENCE,
          getResourceServerInfo: () => accessToken,
        },
      },
    });
    const answer = provider.callback();
    this.#answer = (request, response) => void answer(request, response);
  }
}

/** Client credentials and signed tokens leave nothing behind. */
class NothingToStore implements Adapter {
  upsert = () => Promise.resolve();
  find = () => Promise.resolve(undefined);
  findByUserCode = () => Promise.resolve(undefined);
  findByUid = () => Promise.resolve(undefined);
  consume = () => Promise.resolve();
  destroy = () => Promise.resolve();
  revokeByGrantId = () => Promise.resolve();
}
