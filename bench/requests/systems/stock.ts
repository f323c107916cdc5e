import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';

import { controllerOf } from './controller.js';
import type { Handlers } from './handlers.js';
import { throughClient } from './nest-client.js';
import { type Participant, type PeerOptions, subjectsOf } from './system.js';

/** NestJS's own transport. */
export async function startStock(peer: PeerOptions, handlers: Handlers): Promise<Participant> {
  const options = { servers: peer.servers };
  const client = ClientProxyFactory.create({ transport: Transport.NATS, options });
  if (peer.role === 'caller') {
    await client.connect();
  } else {
    @Module({ controllers: [controllerOf(handlers, subjectsOf(peer))] })
    class StockModule {}
    const transport = { transport: Transport.NATS as const, options, logger: false as const };
    await (await NestFactory.createMicroservice(StockModule, transport)).listen();
  }
  return throughClient(client);
}
