import type { OnApplicationShutdown } from '@nestjs/common';

import {
  AuthConnection,
  type Driver,
  type NatsAuthEvents,
  type RejectionSettings,
  rejectionSettings,
} from '../../libs/connection/index.js';
import {
  CredentialSource,
  Emitter,
  knownKeys,
  refreshSettings,
  type Role,
  type UserInfoProvider,
} from '../../libs/credentials/index.js';
import { logEvents } from '../logging/log-events.js';
import { nestDriver } from '../transport/nest-driver.js';
import type { NatsAuthOptions, NatsTransportOptions } from './nats-auth-options.js';

/** One `NatsAuthModule.forRoot*()` call: its server and its client share one credential source. */
export class Registration implements OnApplicationShutdown {
  readonly transport: NatsTransportOptions;
  readonly events = new Emitter<NatsAuthEvents>();
  readonly source: CredentialSource;
  /** The newest connection of each role that has connected. */
  readonly connections = new Map<Role, AuthConnection>();
  readonly #driver: Driver;
  readonly #rejection: RejectionSettings;

  /**
   * @throws {@link OptionsInvalidError}
   * @throws {@link DriverMissingError}
   * @throws {@link DriverUnsupportedError}
   */
  constructor(
    readonly name: string,
    private readonly options: NatsAuthOptions,
    provider: UserInfoProvider,
  ) {
    knownKeys('NatsAuthOptions', options, ['connection', 'sentinel', 'refresh', 'rejection']);
    this.transport = options.connection ?? {};
    this.#driver = nestDriver();
    this.#rejection = rejectionSettings(options.rejection);
    const refresh = refreshSettings(options.refresh);
    const { events } = this;
    this.source = new CredentialSource({
      connection: name,
      provider,
      refresh,
      rejection: this.#rejection,
      events,
    });
    logEvents(events);
  }

  /** A connection of its own for `role`, not opened yet. */
  connection(role: Role): AuthConnection {
    const connection = new AuthConnection({
      name: this.name,
      role,
      driver: this.#driver,
      source: this.source,
      events: this.events,
      options: this.transport,
      rejection: this.#rejection,
      sentinel: this.options.sentinel,
    });
    this.connections.set(role, connection);
    return connection;
  }

  onApplicationShutdown(): void {
    this.source.close();
  }
}
