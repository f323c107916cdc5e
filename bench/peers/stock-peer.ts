import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { credsAuthenticator } from '@nats-io/transport-node';
import type { UserInfo } from 'nestjs-nats-auth';

import { BenchController } from './bench-controller.js';
import { senderOf } from './client-sender.js';
import { HeardMessages } from './heard.js';
import type { PeerOptions } from './protocol.js';

/** A responder or a caller on NestJS's own NATS transport, with credentials that never change. */
export async function startStockPeer(
  { role, servers }: PeerOptions,
  credentials: () => Promise<UserInfo>,
  heard: HeardMessages,
) {
  const { creds = '' } = await credentials();
  const authenticator = credsAuthenticator(
    typeof creds === 'string' ? new TextEncoder().encode(creds) : creds,
  );
  const options = {
    servers,
    authenticator,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 1,
    reconnectJitter: 0,
  };
  const client = ClientProxyFactory.create({ transport: Transport.NATS, options });
  if (role === 'caller') await client.connect();

  @Module({ controllers: [BenchController], providers: [{ provide: HeardMessages, useValue: heard }] })
  class StockModule {}
  const service = await NestFactory.createMicroservice(StockModule, {
    transport: Transport.NATS,
    options,
    logger: false,
  });
  if (role === 'responder') await service.listen();
  return {
    rotate: () => Promise.reject(new Error('The stock transport does not rotate.')),
    sender: senderOf(client),
  };
}
