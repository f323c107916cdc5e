import { Controller, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import {
  NatsAuthClient,
  NatsAuthHealthIndicator,
  type NatsAuthModuleOptions,
  NatsAuthServer,
  NatsAuthService,
  natsAuthTransport,
  type UserInfo,
  type UserInfoProvider,
  type UserInfoRequest,
} from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { Registry } from 'prom-client';
import { firstValueFrom, timeout } from 'rxjs';
import { onTestFinished } from 'vitest';

import { appModule } from '../../integration/nest/app.js';
import type { Kind, Place } from '../places/index.js';
import { Ears } from './ears.js';
import { Secrets } from './secrets.js';

export type SceneOptions = Partial<NatsAuthModuleOptions>;

/** An application in both roles, a place that gives it user info, and ears that hear all it tells. */
export class Scene {
  readonly secrets: Secrets;
  readonly ears = new Ears();
  readonly registry = new Registry();
  /** What the provider does; as long as nothing else is said, it gives new user info each time. */
  answer: (request: UserInfoRequest) => UserInfo | Promise<UserInfo>;
  /** Lets the handlers of `slow` answer. */
  finish = () => {};
  /** How many of them have begun. */
  slow = 0;
  #app?: INestMicroservice;

  private constructor(
    readonly place: Pick<Place, 'server' | 'options' | 'issue'>,
    secrets: Secrets,
  ) {
    this.secrets = secrets;
    this.answer = () => place.issue();
    onTestFinished(async () => {
      this.finish();
      await this.#app?.close();
      this.ears.close();
    });
  }

  /** A scene for one kind of user info; everything ends with the test. */
  static async of(kind: Kind): Promise<Scene & { readonly place: Place }> {
    const secrets = new Secrets();
    const place = await kind.open(secrets);
    onTestFinished(() => place.stop());
    return Scene.at(place, secrets) as Scene & { readonly place: Place };
  }

  /** A scene at a place that the test has made. */
  static at(place: Pick<Place, 'server' | 'options' | 'issue'>, secrets: Secrets): Scene {
    return new Scene(place, secrets);
  }

  /** Starts the application and has it answer a request. */
  async start(options: SceneOptions = {}): Promise<void> {
    await this.listen(options);
    await this.answered();
  }

  /** Starts the application, or fails as it fails; whatever it fails with is heard. */
  async listen(options: SceneOptions = {}): Promise<void> {
    try {
      const module = appModule(this.#options(options), { controllers: [this.#controller()] });
      this.#app = await NestFactory.createMicroservice(module, {
        ...natsAuthTransport(),
        logger: this.ears.logger,
        abortOnError: false,
      });
      this.ears.listenTo(this.nats);
      await this.#app.listen();
    } catch (error) {
      this.ears.hear('error of the start', error);
      throw error;
    }
  }

  get nats(): NatsAuthService {
    return this.#get(NatsAuthService);
  }

  get client(): NatsAuthClient {
    return this.#get(NatsAuthClient);
  }

  get server(): NatsAuthServer {
    return this.#get(NatsAuthServer);
  }

  /** A request gets its answer, in the end. */
  async answered(): Promise<void> {
    await eventually(() => firstValueFrom(this.client.send('echo', 'hello').pipe(timeout(2_000))), {
      what: 'an answer',
      timeoutMs: 20_000,
    });
  }

  /** Does something that may fail, and hears with what. */
  async failing(what: () => Promise<unknown>): Promise<unknown> {
    const error: unknown = await what().then(
      () => undefined,
      (thrown: unknown) => thrown ?? new Error('Nothing was thrown.'),
    );
    this.ears.hear('error of a call', error);
    return error;
  }

  /** Waits until an event was told. */
  async until(name: Parameters<Ears['times']>[0], times = 1): Promise<void> {
    await eventually(() => this.ears.times(name) >= times, {
      what: `${times} × ${name}`,
      timeoutMs: 20_000,
    });
  }

  /** Looks at everything that can be asked, printed or scraped now. */
  async lookAround(): Promise<void> {
    const { ears, nats } = this;
    const health = this.#get(NatsAuthHealthIndicator);
    ears.hear('status', nats.status);
    ears.hear('health', health.check(), health.check('nats', { graceTime: 0 }));
    ears.read('metrics', await this.registry.metrics());
    ears.hear('metrics', await this.registry.getMetricsAsJSON());
    ears.hear('inspection', nats, this.client, this.server, health);
  }

  /** Closes the application, looks once more, and fails if any of it told a secret. */
  async end(): Promise<void> {
    await this.lookAround();
    const { secrets, ears } = this;
    await this.#app?.close();
    await this.lookAround();
    this.#app = undefined;
    ears.close();
    ears.expectNo(secrets, 'log', 'std', 'event', 'status', 'health', 'metrics', 'inspection');
  }

  #get<T>(type: abstract new (...args: never[]) => T): T {
    if (!this.#app) throw new Error('The application was not made.');
    return this.#app.get<T>(type);
  }

  /** Small delays, so that what goes wrong is soon over. */
  #options({ connection, ...given }: SceneOptions): NatsAuthModuleOptions {
    const userInfoProvider: UserInfoProvider = { getUserInfo: (request) => this.answer(request) };
    return {
      refresh: { timeout: 2_000, retry: { initialDelay: 10, maxDelay: 50, maxAttempts: 3 } },
      rejection: { initialDelay: 10, maxDelay: 50, maxOnConnect: 3 },
      rotation: { timeout: 1_000, retry: { initialDelay: 20, maxDelay: 100 } },
      metrics: { registry: this.registry },
      userInfoProvider,
      ...this.place.options,
      ...given,
      connection: {
        servers: this.place.server.url,
        reconnectTimeWait: 20,
        reconnectJitter: 10,
        ...connection,
      },
    };
  }

  #controller() {
    const finished = new Promise<void>((resolve) => (this.finish = resolve));
    const began = () => this.slow++;
    @Controller()
    class EchoController {
      @MessagePattern('echo')
      echo() {
        return 'hello';
      }

      /** Nobody asks: a subscription that a server may refuse. */
      @MessagePattern('rare')
      rare() {
        return 'hello';
      }

      @MessagePattern('slow')
      async slow() {
        began();
        await finished;
        return 'done';
      }
    }
    return EchoController;
  }
}
