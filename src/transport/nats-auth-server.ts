import { Injectable } from '@nestjs/common';
import { ServerNats } from '@nestjs/microservices';

import type { AuthConnection } from '../../libs/connection/index.js';
import type { Registration } from '../module/registration.js';

type NatsClient = Awaited<ReturnType<ServerNats['createNatsClient']>>;

/**
 * NestJS's NATS transport strategy on a connection that presents user info from the registration's provider. Handlers,
 * serializers, queue groups, `status`, `on()`, `unwrap()` and graceful shutdown are the stock transport's.
 * @public
 */
@Injectable()
export class NatsAuthServer extends ServerNats {
  #connection?: AuthConnection;

  /** @internal Made by `NatsAuthModule`. */
  constructor(private readonly registration: Registration) {
    super(registration.transport);
  }

  override createNatsClient(): Promise<NatsClient> {
    this.#connection = this.registration.connection('server');
    return this.#connection.open<NatsClient>();
  }

  /** Closes gracefully if the options say so; a connect under way is given up. */
  override async close(): Promise<void> {
    if (this.#connection?.state === 'connecting') await this.#connection.close();
    await super.close();
  }
}
