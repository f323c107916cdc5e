import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  NatsAuthClient,
  NatsAuthModule,
  type NatsAuthModuleOptions,
  NatsAuthService,
  natsAuthTransport,
  type UserInfo,
} from 'nestjs-nats-auth';

import { BenchController } from './bench-controller.js';
import { senderOf } from './client-sender.js';
import { HeardMessages } from './heard.js';
import type { PeerOptions } from './protocol.js';

/** A responder or a caller on this package. */
export async function startNestPeer(
  { role, mode, servers }: PeerOptions,
  credentials: () => Promise<UserInfo>,
  heard: HeardMessages,
) {
  const options: NatsAuthModuleOptions = {
    connection: { servers, reconnectTimeWait: 1, reconnectJitter: 0 },
    rotation: { mode: mode === 'reconnect' ? 'reconnect' : 'handover' },
    userInfoProvider: { getUserInfo: credentials },
    metrics: false,
  };
  @Module({
    imports: [NatsAuthModule.forRoot(options)],
    controllers: role === 'responder' ? [BenchController] : [],
    providers: [{ provide: HeardMessages, useValue: heard }],
  })
  class PeerModule {}

  let app: INestApplicationContext;
  if (role === 'responder') {
    const service = await NestFactory.createMicroservice(PeerModule, {
      ...natsAuthTransport(),
      logger: false,
    });
    await service.listen();
    app = service;
  } else {
    app = await NestFactory.createApplicationContext(PeerModule, { logger: false });
    await app.get(NatsAuthClient).connect();
  }
  const nats = app.get(NatsAuthService);
  return { rotate: () => nats.rotate(), sender: senderOf(app.get(NatsAuthClient)) };
}
