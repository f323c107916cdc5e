import { Global, Module } from '@nestjs/common';

import { OptionsInvalidError } from '../../libs/base/index.js';
import { MetricsEndpoint } from '../metrics/metrics-endpoint.js';
import type { NatsAuthServer } from '../transport/server/nats-auth-server.js';
import { REGISTRY } from './tokens.js';

/** The registrations of one application, by name. */
export class Registry {
  readonly #servers = new Map<string, NatsAuthServer>();

  /** @throws {@link OptionsInvalidError} for a name that is taken. */
  add(name: string, server: NatsAuthServer): NatsAuthServer {
    if (this.#servers.has(name)) {
      throw new OptionsInvalidError(
        'name',
        `registration '${name}' exists already: give each NatsAuthModule.forRoot*() call a name of its own.`,
      );
    }
    this.#servers.set(name, server);
    return server;
  }

  /** @throws {@link OptionsInvalidError} for a name that no registration has. */
  server(name: string): NatsAuthServer {
    const server = this.#servers.get(name);
    if (server) return server;
    const known = [...this.#servers.keys()].map((known) => `'${known}'`).join(', ');
    throw new OptionsInvalidError('name', `no registration is named '${name}'; there are ${known}.`);
  }
}

/** Holds the one registry that all registrations of an application share. */
@Global()
@Module({
  providers: [{ provide: REGISTRY, useClass: Registry }, MetricsEndpoint],
  exports: [REGISTRY, MetricsEndpoint],
})
export class RegistryModule {}
