import { Controller, type INestApplicationContext, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import {
  NatsAuthClient,
  NatsAuthModule,
  type NatsAuthModuleOptions,
  NatsAuthService,
  natsAuthTransport,
  type UserInfo,
} from 'nestjs-nats-auth';
import { firstValueFrom, lastValueFrom, timeout, TimeoutError } from 'rxjs';

import { HeardMessages } from './heard.js';
import { type Sender, UNANSWERED } from './load.js';
import type { PeerOptions } from './protocol.js';

/** How long a request may take before it counts as unanswered, in ms. */
const ANSWER_WITHIN_MS = 5_000;

@Controller()
class BenchController {
  constructor(@Inject(HeardMessages) private readonly heard: HeardMessages) {}

  @MessagePattern('bench.request')
  request(@Payload() n: number) {
    this.heard.add('requests', n);
    return n;
  }

  @EventPattern('bench.event')
  event(@Payload() n: number) {
    this.heard.add('events', n);
  }

  @EventPattern('bench.queued', { queue: 'bench' })
  queued(@Payload() n: number) {
    this.heard.add('queued', n);
  }
}

/** A responder or a caller on this package. */
export async function startNestPeer(
  { role, mode, url }: PeerOptions,
  credentials: () => Promise<UserInfo>,
  heard: HeardMessages,
) {
  const options: NatsAuthModuleOptions = {
    connection: { servers: url, reconnectTimeWait: 1, reconnectJitter: 0 },
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
  return { rotate: () => nats.rotate(), sender: senderOf(app.get(NatsAuthClient)), close: () => app.close() };
}

function senderOf(client: NatsAuthClient): Sender {
  const emit = (pattern: string, n: number) =>
    lastValueFrom(client.emit(pattern, n), { defaultValue: undefined });
  return {
    request: (n) =>
      firstValueFrom(client.send('bench.request', n).pipe(timeout(ANSWER_WITHIN_MS))).catch(
        (error: unknown) => {
          throw error instanceof TimeoutError ? UNANSWERED : error;
        },
      ),
    event: (n) => emit('bench.event', n),
    queued: (n) => emit('bench.queued', n),
  };
}
