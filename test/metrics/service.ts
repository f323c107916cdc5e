import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import { natsAuthTransport } from 'nestjs-nats-auth';
import { Registry } from 'prom-client';

import type { Cast } from './cast.js';

@Controller()
class Pings {
  @MessagePattern('ping')
  ping(): string {
    return 'pong';
  }
}

/** A microservice with all registrations of the cast, whose metrics are on `port`; `listen()` is a scenario's. */
export async function createService(cast: Cast, port: number): Promise<INestMicroservice> {
  const registry = new Registry();
  const actors = Object.values(cast);

  @Module({ imports: actors.map((actor) => actor.module({ registry, port })), controllers: [Pings] })
  class AppModule {}

  const app = await NestFactory.createMicroservice(AppModule, {
    ...natsAuthTransport(cast.orders.name),
    logger: false,
  });
  for (const actor of actors) actor.join(app);
  // Opens the port, so that Prometheus sees everything from the beginning.
  await app.init();
  return app;
}
