import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NatsAuthClient, NatsAuthModule, natsAuthTransport } from 'nestjs-nats-auth';
import { firstValueFrom } from 'rxjs';

import { echoController } from './echo-controller.js';
import { type PeerOptions, type SendRequest, subjectOf } from './system.js';

/** This package. */
export function startOurs(options: PeerOptions): Promise<SendRequest> {
  return start(options, false);
}

/** This package, with OpenTelemetry's SDK. */
export async function startTraced(options: PeerOptions): Promise<SendRequest> {
  (await import('./open-telemetry.js')).registerSdk();
  return start(options, true);
}

async function start({ system, role, servers }: PeerOptions, tracing: boolean): Promise<SendRequest> {
  const registration = NatsAuthModule.forRoot({
    connection: { servers },
    userInfoProvider: { getUserInfo: () => ({ user: 'bench', pass: 'bench' }) },
    metrics: false,
    tracing,
  });
  @Module({
    imports: [registration],
    controllers: role === 'responder' ? [echoController(subjectOf(system))] : [],
  })
  class OurModule {}
  const app = await NestFactory.createMicroservice(OurModule, { ...natsAuthTransport(), logger: false });
  const client = app.get(NatsAuthClient);
  if (role === 'caller') await client.connect();
  else await app.listen();
  return (payload) => firstValueFrom(client.send<unknown>(subjectOf(system), payload));
}
