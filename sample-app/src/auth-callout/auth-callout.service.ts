import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { type AuthorizationRequest, decode, encodeAuthorizationResponse, encodeUser } from '@nats-io/jwt';
import { fromPublic, fromSeed, type KeyPair } from '@nats-io/nkeys';
import { connect, type Msg, type NatsConnection } from '@nats-io/transport-node';

import { ACCOUNT } from '../nats/nats-configuration.js';
import { CALLOUT_OPTIONS, type CalloutOptions } from './callout-options.js';
import { permissionsOf } from './permissions.js';
import { TokenVerifier } from './token-verifier.js';

/** Answers nats-server's question whether a client may come in, and as whom. */
@Injectable()
export class AuthCalloutService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger('AuthCallout');
  readonly #revoked = new Set<string>();
  readonly #issuer: KeyPair;
  #connection?: NatsConnection;

  constructor(
    @Inject(CALLOUT_OPTIONS) private readonly options: CalloutOptions,
    private readonly tokens: TokenVerifier,
  ) {
    this.#issuer = fromSeed(options.secrets.issuer.seed);
  }

  async onApplicationBootstrap(): Promise<void> {
    const { servers, secrets } = this.options;
    this.#connection = await connect({
      servers: [...servers],
      name: 'auth-callout',
      ...secrets.callout,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
    });
    this.#connection.subscribe('$SYS.REQ.USER.AUTH', {
      queue: 'auth-callout',
      callback: (error, message) => {
        // No answer is a no; the server says so to the client after its time-out.
        if (!error) this.#answer(message).catch((failure: unknown) => this.#logger.error(failure));
      },
    });
    await this.#connection.flush();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#connection?.close();
  }

  /** Admits a service no more, whatever token it has. */
  revoke(service: string): void {
    this.#revoked.add(service);
  }

  restore(service: string): void {
    this.#revoked.delete(service);
  }

  async #answer(message: Msg): Promise<void> {
    const request = decode<AuthorizationRequest>(message.string()).nats as AuthorizationRequest;
    const user = fromPublic(request.user_nkey);
    const server = fromPublic(request.server_id.id);
    const decision = await this.#userJwt(user, request.connect_opts.auth_token ?? '').then(
      (jwt) => ({ jwt }),
      (error: unknown) => ({ error: String(error) }),
    );
    message.respond(await encodeAuthorizationResponse(user, server, this.#issuer, decision, {}));
  }

  /**
   * The NATS user that a token stands for. Its session outlives the token by a grace period, so that an identity provider
   * may be away for a while; without one, the server would end the connection with the token.
   */
  async #userJwt(user: KeyPair, token: string): Promise<string> {
    const { service, expiresAt } = await this.tokens.verify(token);
    const permissions = permissionsOf(service);
    if (!permissions || this.#revoked.has(service)) throw new Error(`'${service}' is not admitted`);
    const exp = Math.floor((expiresAt + this.options.sessionGraceMs) / 1_000);
    return encodeUser(service, user, this.#issuer, permissions, { aud: ACCOUNT, exp });
  }
}
