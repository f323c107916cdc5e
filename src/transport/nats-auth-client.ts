import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ClientNats } from '@nestjs/microservices';

import type { AuthConnection } from '../../libs/connection/index.js';
import type { Registration } from '../module/registration.js';

type NatsClient = Awaited<ReturnType<ClientNats['createClient']>>;

/**
 * NestJS's NATS client proxy on a connection that presents user info from the registration's provider.
 * @public
 */
@Injectable()
export class NatsAuthClient extends ClientNats implements OnApplicationShutdown {
  #connection?: AuthConnection;

  /** @internal Made by `NatsAuthModule`. */
  constructor(private readonly registration: Registration) {
    super(registration.transport);
  }

  override async createClient(): Promise<NatsClient> {
    // NestJS 12 has serializers that want to be initialized; the stock client does it at this place.
    for (const part of [this.serializer, this.deserializer] as { init?: () => unknown }[])
      await part.init?.();
    this.#connection = this.registration.connection('client');
    return this.#connection.open<NatsClient>();
  }

  /** Closes the connection; a connect under way is given up. */
  override async close(): Promise<void> {
    await super.close();
    await this.#connection?.close();
  }

  onApplicationShutdown(): Promise<void> {
    return this.close();
  }
}
