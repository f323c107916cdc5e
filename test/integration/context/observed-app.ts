import { AsyncLocalStorage } from 'node:async_hooks';

import { fromSeed } from '@nats-io/nkeys';
import { Controller, type INestMicroservice, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import {
  NatsAuthClient,
  type NatsAuthEvents,
  NatsAuthModule,
  type NatsAuthModuleOptions,
  NatsAuthService,
  natsAuthTransport,
  type UserInfo,
  type UserInfoProvider,
} from 'nestjs-nats-auth';
import type { NatsServer } from 'nestjs-nats-auth/testing';
import { onTestFinished } from 'vitest';

import { createNkeyUser, nkeyConfig } from '../../support/nkey-mode.js';
import { serverForTest } from '../../support/server-for-test.js';

/** What an application keeps for a request, such as its user. */
export const requestOf = new AsyncLocalStorage<string>();

/** In whose request each part of an application ran. */
export class Sightings {
  readonly #requests = new Map<string, Set<string | undefined>>();

  note(part: string): void {
    const requests = this.#requests.get(part) ?? new Set();
    this.#requests.set(part, requests.add(requestOf.getStore()));
  }

  get parts(): string[] {
    return [...this.#requests.keys()];
  }

  /** Those that ran in a request. */
  get leaks(): string[] {
    return [...this.#requests].flatMap(([part, requests]) =>
      [...requests].filter((request) => request !== undefined).map((request) => `${part} in '${request}'`),
    );
  }
}

/** An application with a server and a client, whose parts all note in whose request they run. */
export interface ObservedApp {
  readonly server: NatsServer;
  readonly sightings: Sightings;
  readonly app: INestMicroservice;
  readonly client: NatsAuthClient;
  readonly nats: NatsAuthService;
  /** Tells of a change, as the provider. */
  readonly changed: () => void;
}

const EVENTS = [
  ...['connected', 'disconnected', 'closed', 'replaced', 'rotated', 'lameDuck'],
  ...['refreshed', 'reused', 'refreshFailed', 'refreshScheduled'],
] as (keyof NatsAuthEvents)[];

/**
 * Starts it, its service listening and its client not connected yet.
 * @param start runs the start, such as in a request.
 */
export async function startObservedApp(
  options: Partial<NatsAuthModuleOptions> & { lifetimeMs?: number } = {},
  start = <T>(work: () => T): T => work(),
): Promise<ObservedApp> {
  const { lifetimeMs, ...rest } = options;
  const user = createNkeyUser();
  const server = await serverForTest({ config: nkeyConfig([user]) });
  const sightings = new Sightings();
  const provider = new NotingProvider(user, sightings, lifetimeMs);

  @Module({
    imports: [
      NatsAuthModule.forRoot({
        connection: {
          servers: server.url,
          reconnectTimeWait: 20,
          reconnectDelayHandler: () => {
            sightings.note('reconnectDelayHandler');
            return 20;
          },
          serializer: {
            init: () => sightings.note('serializer.init'),
            serialize: (packet: unknown) => ({ data: JSON.stringify(packet) }),
          } as never,
        },
        userInfoProvider: provider,
        ...rest,
      }),
    ],
    controllers: [Handlers],
    providers: [{ provide: Sightings, useValue: sightings }],
  })
  class AppModule {}

  const app = await start(async () => {
    const made = await NestFactory.createMicroservice(AppModule, { ...natsAuthTransport(), logger: false });
    const nats = made.get(NatsAuthService);
    for (const event of EVENTS) nats.on(event, () => sightings.note(`listener of ${event}`));
    await made.listen();
    return made;
  });
  onTestFinished(() => app.close());
  const client = app.get(NatsAuthClient);
  client.on('disconnect' as never, (() => sightings.note("the client's on()")) as never);
  client.status.subscribe(() => sightings.note("the client's status"));
  return {
    server,
    sightings,
    app,
    client,
    nats: app.get(NatsAuthService),
    changed: () => provider.changed(),
  };
}

class NotingProvider implements UserInfoProvider {
  readonly #key: ReturnType<typeof fromSeed>;
  changed: () => void = () => {};

  constructor(
    user: { readonly seed: string },
    private readonly sightings: Sightings,
    private readonly lifetimeMs: number | undefined,
  ) {
    this.#key = fromSeed(new TextEncoder().encode(user.seed));
  }

  async getUserInfo(): Promise<UserInfo> {
    const { sightings } = this;
    sightings.note('getUserInfo()');
    // As a library may that the provider uses; it is for this call.
    requestOf.enterWith('an earlier getUserInfo()');
    await new Promise((resolve) => setTimeout(resolve, 1));
    return {
      nkey: this.#key.getPublicKey(),
      sign: async (nonce) => {
        sightings.note('sign()');
        await Promise.resolve();
        return this.#key.sign(nonce);
      },
      ...(this.lifetimeMs !== undefined && { expiresAt: Date.now() + this.lifetimeMs }),
    };
  }

  watch(changed: () => void): () => void {
    this.sightings.note('watch()');
    this.changed = changed;
    return () => this.sightings.note('end of watch()');
  }
}

@Controller()
class Handlers {
  constructor(@Inject(Sightings) private readonly sightings: Sightings) {}

  @MessagePattern('echo')
  async echo(data: unknown): Promise<unknown> {
    await this.#noted('handler of a request');
    return data;
  }

  @EventPattern('told')
  told(_data: unknown): Promise<void> {
    return this.#noted('handler of an event');
  }

  async #noted(part: string): Promise<void> {
    this.sightings.note(part);
    await new Promise((resolve) => setTimeout(resolve, 1));
    this.sightings.note(`${part}, later`);
  }
}
