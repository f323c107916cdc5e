import { type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NatsAuthModule, natsAuthTransport, type UserInfoProvider } from 'nestjs-nats-auth';
import type { Registry } from 'prom-client';

import { Heard, SoakController } from './traffic/controller.js';
import { Problems } from './traffic/problems.js';

/** A microservice that calls itself, with small delays, so that faults are over soon. */
export async function createApp(
  servers: string,
  userInfoProvider: UserInfoProvider,
  registry: Registry,
  problems: Problems,
): Promise<INestMicroservice> {
  @Module({
    imports: [
      NatsAuthModule.forRoot({
        connection: {
          servers,
          reconnectTimeWait: 20,
          reconnectJitter: 20,
          timeout: 2_000,
          pingInterval: 500,
          maxPingOut: 3,
        },
        refresh: { timeout: 500, retry: { initialDelay: 20, maxDelay: 100 } },
        rejection: { initialDelay: 20, maxDelay: 100 },
        rotation: { timeout: 1_000, retry: { initialDelay: 20, maxDelay: 100 } },
        metrics: { registry },
        userInfoProvider,
      }),
    ],
    controllers: [SoakController],
    providers: [Heard, { provide: Problems, useValue: problems }],
  })
  class SoakModule {}

  return NestFactory.createMicroservice(SoakModule, { ...natsAuthTransport(), logger: false });
}
