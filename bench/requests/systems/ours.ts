import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NatsAuthClient, NatsAuthModule, NatsAuthService, natsAuthTransport } from 'nestjs-nats-auth';

import { startBare } from './bare.js';
import { controllerOf } from './controller.js';
import type { Handlers } from './handlers.js';
import { throughClient } from './nest-client.js';
import { type Participant, type PeerOptions, subjectsOf } from './system.js';

/** This package. */
export function startOurs(options: PeerOptions, handlers: Handlers): Promise<Participant> {
  return start(options, handlers, false);
}

/** A caller of this package, answered as fast as one of `bare` is: how much arrives at once decides what a message costs. */
export function startOursToBare(options: PeerOptions, handlers: Handlers): Promise<Participant> {
  return options.role === 'caller' ? startOurs(options, handlers) : startBare(options, handlers);
}

/** This package, with OpenTelemetry's SDK. */
export async function startTraced(options: PeerOptions, handlers: Handlers): Promise<Participant> {
  (await import('./open-telemetry.js')).registerSdk();
  return start(options, handlers, true);
}

async function start(options: PeerOptions, handlers: Handlers, tracing: boolean): Promise<Participant> {
  const { role, servers } = options;
  let passwords = 0;
  const registration = NatsAuthModule.forRoot({
    connection: { servers },
    // Each time another one, or there would be nothing to rotate to.
    userInfoProvider: { getUserInfo: () => ({ user: 'bench', pass: `bench-${++passwords}` }) },
    metrics: false,
    tracing,
  });
  @Module({
    imports: [registration],
    controllers: role === 'responder' ? [controllerOf(handlers, subjectsOf(options))] : [],
  })
  class OurModule {}
  const app = await NestFactory.createMicroservice(OurModule, { ...natsAuthTransport(), logger: false });
  const client = app.get(NatsAuthClient);
  if (role === 'caller') await client.connect();
  else await app.listen();
  return {
    ...throughClient(client),
    rotate: async () => {
      const outcome = (await app.get(NatsAuthService).rotate())[role === 'caller' ? 'client' : 'server'];
      if (outcome !== 'rotated') throw new Error(`The ${role} did not rotate, but is ${outcome}.`);
    },
  };
}
