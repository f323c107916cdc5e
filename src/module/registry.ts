import { Global, Module, type OnModuleInit } from '@nestjs/common';

import { OptionsInvalidError } from '../../libs/base/index.js';
import { MetricsEndpoint } from '../metrics/metrics-endpoint.js';
import type { NatsAuthServer } from '../transport/server/nats-auth-server.js';
import type { Registration } from './registration.js';
import { REGISTRY } from './tokens.js';

/** Something that is opened while the application starts. */
export interface Opened {
  /** Closes it at once. */
  abandon(): Promise<void>;
}

/** What a registration can be asked for by its name. */
interface Registered {
  readonly server: NatsAuthServer;
  readonly registration: Registration;
}

/** The registrations of one application, by name. */
export class Registry implements OnModuleInit {
  readonly #registered = new Map<string, Registered>();
  readonly #opened = new Set<Opened>();
  #starts = true;

  /** @throws {@link OptionsInvalidError} for a name that is taken. */
  add(name: string, { server, registration }: Registered): NatsAuthServer {
    if (this.#registered.has(name)) {
      throw new OptionsInvalidError(
        'name',
        `registration '${name}' exists already: give each NatsAuthModule.forRoot*() call a name of its own.`,
      );
    }
    this.#registered.set(name, { server, registration });
    return server;
  }

  /** From now on NestJS calls the hooks that close what is open. */
  onModuleInit(): void {
    this.#starts = false;
  }

  /**
   * A part of the start of the application: if it fails, what was opened meanwhile is closed, because NestJS calls no hook of an application
   * that does not start.
   */
  async starting<T>(part: () => T | Promise<T>, opened?: Opened): Promise<T> {
    if (opened) this.#opened.add(opened);
    try {
      return await part();
    } catch (error) {
      if (this.#starts) await this.#abandon();
      throw error;
    }
  }

  /** The same in a hook that ends the start: NestJS 11 calls no further one after it has failed, not even at `app.close()`. */
  async bootstrapping<T>(part: () => Promise<T>, opened: Opened): Promise<T> {
    this.#opened.add(opened);
    try {
      return await part();
    } catch (error) {
      await this.#abandon();
      throw error;
    }
  }

  async #abandon(): Promise<void> {
    const servers = [...this.#registered.values()].map(({ server }) => server.close());
    await Promise.all([...servers, ...[...this.#opened].map((one) => one.abandon())]);
  }

  /** @throws {@link OptionsInvalidError} for a name that no registration has, or that of a callout. */
  server(name: string): NatsAuthServer {
    const found = this.#registered.get(name);
    if (!found) throw this.#unknown(name);
    found.registration.assertForMicroservice();
    return found.server;
  }

  #unknown(name: string): OptionsInvalidError {
    const fit = [...this.#registered].filter(([, { registration }]) => registration.isForMicroservice);
    const known = fit.map(([known]) => `'${known}'`).join(', ');
    const others = known ? `there are ${known}` : 'import NatsAuthModule.forRoot()';
    return new OptionsInvalidError('name', `no registration is named '${name}'; ${others}.`);
  }
}

/** Holds the one registry that all registrations of an application share. */
@Global()
@Module({
  providers: [{ provide: REGISTRY, useClass: Registry }, MetricsEndpoint],
  exports: [REGISTRY, MetricsEndpoint],
})
export class RegistryModule {}
