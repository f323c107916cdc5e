import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';

import { echoController } from './echo-controller.js';
import { type PeerOptions, type SendRequest, subjectOf } from './system.js';

/** NestJS's own transport. */
export async function startStock({ role, servers }: PeerOptions): Promise<SendRequest> {
  const options = { servers };
  const client = ClientProxyFactory.create({ transport: Transport.NATS, options });
  if (role === 'caller') {
    await client.connect();
  } else {
    @Module({ controllers: [echoController(subjectOf('stock'))] })
    class StockModule {}
    const transport = { transport: Transport.NATS as const, options, logger: false as const };
    await (await NestFactory.createMicroservice(StockModule, transport)).listen();
  }
  return (payload) => firstValueFrom(client.send<unknown>(subjectOf('stock'), payload));
}
