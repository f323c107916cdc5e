import { Controller } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import {
  NatsAuthClient,
  NatsAuthHealthIndicator,
  type NatsAuthModuleOptions,
  NatsAuthServer,
  NatsAuthService,
  natsAuthTransport,
  type UserInfoProvider,
} from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { Registry } from 'prom-client';
import { firstValueFrom, timeout } from 'rxjs';
import { onTestFinished } from 'vitest';

import { appModule } from '../../integration/nest/app.js';
import { Ears } from './ears.js';
import type { Stage } from './stages.js';

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo() {
    return 'echo';
  }
}

/** A service with a client, whose provider does what the test says next. */
export class Application {
  readonly ears = new Ears();
  readonly registry = new Registry();
  /** What the provider does when it is asked. */
  provide: UserInfoProvider['getUserInfo'];
  #service?: NatsAuthService;
  #client?: NatsAuthClient;
  #close = () => Promise.resolve();

  constructor(private readonly stage: Stage) {
    this.provide = () => stage.good();
  }

  get nats(): NatsAuthService {
    if (!this.#service) throw new Error('The application has not started.');
    return this.#service;
  }

  /** Starts it; a failure is heard and thrown. */
  async start(options: Partial<NatsAuthModuleOptions> = {}): Promise<void> {
    const { stage, ears } = this;
    const module = appModule(
      {
        connection: { servers: stage.server.url, reconnectTimeWait: 20 },
        refresh: { timeout: 500, retry: { maxAttempts: 2, initialDelay: 10, maxDelay: 20 } },
        rejection: { maxOnConnect: 2, initialDelay: 10 },
        metrics: { registry: this.registry },
        userInfoProvider: { useValue: { getUserInfo: (request) => this.provide(request) } },
        ...stage.options,
        ...options,
      },
      { controllers: [EchoController] },
    );
    try {
      const app = await NestFactory.createMicroservice(module, {
        ...natsAuthTransport(),
        logger: ears.logger,
        abortOnError: false,
      });
      this.#close = () => app.close();
      onTestFinished(() => app.close());
      ears.listenTo((this.#service = app.get(NatsAuthService)));
      this.#client = app.get(NatsAuthClient);
      await app.listen();
      await this.answers();
      for (const part of [
        this.#service,
        this.#client,
        app.get(NatsAuthServer),
        app.get(NatsAuthHealthIndicator),
      ])
        this.#parts.push(part);
    } catch (error) {
      ears.hearError(error);
      throw error;
    }
  }

  readonly #parts: unknown[] = [];

  /** Sends a request until it is answered. */
  async answers(): Promise<void> {
    const client = this.#client;
    if (!client) throw new Error('The application has not started.');
    await eventually(
      () =>
        firstValueFrom(client.send('echo', 1).pipe(timeout(2_000))).catch((error: unknown) => {
          this.ears.hearError(error);
          throw error;
        }),
      { what: 'an answer', timeoutMs: 30_000 },
    );
  }

  /** What a call that fails throws is heard. */
  async fails(call: Promise<unknown>): Promise<void> {
    const error = await call.then(
      () => Promise.reject(new Error('It did not fail.')),
      (thrown: unknown) => thrown,
    );
    this.ears.hearError(error);
  }

  /** Waits for an event of this name, heard since the start. */
  async hears(name: string): Promise<void> {
    await eventually(() => this.ears.events.has(name), { what: `the event ${name}`, timeoutMs: 30_000 });
  }

  /** Looks at everything that can be looked at. */
  async look(): Promise<void> {
    this.ears.hear(await this.registry.metrics());
    if (!this.#service) return;
    const { status } = this.#service;
    this.ears.hear(status, JSON.stringify(status), ...this.#parts);
    for (const part of this.#parts)
      if (part instanceof NatsAuthHealthIndicator) this.ears.hear(JSON.stringify(part.check()));
  }

  close(): Promise<void> {
    return this.#close();
  }
}
