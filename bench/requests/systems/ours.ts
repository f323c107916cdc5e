import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { NatsAuthClient, NatsAuthModule, natsAuthTransport } from 'nestjs-nats-auth';
import { firstValueFrom } from 'rxjs';

import { echoController } from './echo-controller.js';
import { type PeerOptions, type SendRequest, subjectOf } from './system.js';

/** This package. */
export async function startOurs({ role, servers }: PeerOptions): Promise<SendRequest> {
  const registration = NatsAuthModule.forRoot({
    connection: { servers },
    userInfoProvider: { getUserInfo: () => ({ user: 'bench', pass: 'bench' }) },
    metrics: false,
  });
  @Module({
    imports: [registration],
    controllers: role === 'responder' ? [echoController(subjectOf('ours'))] : [],
  })
  class OurModule {}
  const app = await NestFactory.createMicroservice(OurModule, { ...natsAuthTransport(), logger: false });
  const client = app.get(NatsAuthClient);
  if (role === 'caller') await client.connect();
  else await app.listen();
  return (payload) => firstValueFrom(client.send<unknown>(subjectOf('ours'), payload));
}
