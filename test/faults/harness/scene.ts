import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { NestFactory } from '@nestjs/core';
import {
  NatsAuthClient,
  type NatsAuthModuleOptions,
  NatsAuthService,
  natsAuthTransport,
} from 'nestjs-nats-auth';
import { Registry } from 'prom-client';

import { appModule } from '../../integration/nest/app.js';
import type { ChangingProvider } from './changing-provider.js';
import { Load, Seen } from './load.js';
import type { ProxyStage, Stage } from './stages.js';
import { Observer } from './observer.js';
import { Truth } from './truth.js';
import type { LogListener } from './watch/log-listener.js';
import { NAME, SUBJECT, type World } from './world.js';

/** Everything that a fault can be played with. */
export interface Scene<S extends Stage = ProxyStage> {
  readonly stage: S;
  readonly provider: ChangingProvider;
  /** What the application logs. */
  readonly log: LogListener;
}

/** An application in both roles under a light load. */
export interface Performance {
  readonly nats: NatsAuthService;
  readonly load: Load;
  readonly seen: Seen;
  readonly truth: Truth;
  readonly world: World;
  readonly observer: Observer;
  /** Ends the load and closes the application. */
  close(): Promise<void>;
}

export type SceneOptions = Partial<Omit<NatsAuthModuleOptions, 'userInfoProvider'>>;

/** Starts the application; it has small delays, so that a fault is over soon. */
export async function perform(
  { stage, provider, log }: Scene<Stage>,
  given: SceneOptions = {},
): Promise<Performance> {
  const { world } = stage;
  const seen = new Seen();
  @Controller()
  class WorkController {
    @MessagePattern(SUBJECT)
    work(@Payload() id: number) {
      seen.add(id);
      return id;
    }
  }
  const registry = new Registry();
  const options = { ...quickOptions(stage, given), metrics: { registry }, userInfoProvider: provider };
  const module = appModule(options, { controllers: [WorkController] });
  const app = await NestFactory.createMicroservice(module, { ...natsAuthTransport(), logger: log });
  const nats = app.get(NatsAuthService);
  const client = app.get(NatsAuthClient);
  const observer = new Observer(nats, log);
  const truth = new Truth(nats, registry, world);
  let load: Load | undefined;
  const close = async () => {
    await load?.stop();
    await app.close();
    await truth.stop();
  };
  try {
    await app.listen();
    load = new Load(client);
    return { nats, load, seen, truth, world, observer, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function quickOptions(stage: Stage, given: SceneOptions): SceneOptions {
  const { connection, ...others } = { ...stage.options, ...given };
  return {
    connection: {
      name: NAME,
      servers: stage.addresses,
      reconnectTimeWait: 20,
      reconnectJitter: 10,
      timeout: 1_000,
      pingInterval: 300,
      maxPingOut: 2,
      ...stage.options?.connection,
      ...connection,
    },
    refresh: { timeout: 300, retry: { initialDelay: 10, maxDelay: 50, maxAttempts: 100 } },
    rejection: { initialDelay: 10, maxDelay: 50, maxOnConnect: 100 },
    handlers: { retry: { initialDelay: 50, maxDelay: 100 } },
    rotation: { timeout: 1_000, retry: { initialDelay: 20, maxDelay: 100 } },
    ...others,
  };
}
