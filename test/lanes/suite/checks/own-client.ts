import { rejects } from 'node:assert';

import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { ClientProxy } from '@nestjs/microservices';
import { NatsAuthClient, NatsAuthModule, type UserInfoProvider } from 'nestjs-nats-auth';

import type { Lane } from '../app.js';

/** A provider that needs the client it serves is told so, instead of a start that never ends. */
export async function ownClient({ peer }: Lane): Promise<void> {
  // Strict types of both majors: it is a `ClientProxy`.
  const proxy: ClientProxy = peer.get(NatsAuthClient);
  await proxy.connect();

  @Injectable()
  class AskingProvider implements UserInfoProvider {
    constructor(private readonly nats: NatsAuthClient) {}

    getUserInfo() {
      void this.nats.connect();
      return { user: 'svc', pass: 'first' };
    }
  }
  @Module({ imports: [NatsAuthModule.forRoot({ isGlobal: true, userInfoProvider: AskingProvider })] })
  class AppModule {}
  const starting = NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
  await rejects(starting, /UserInfoProvider\(default\) → NatsAuthClient → NatsAuthClient\(default\)\)/);
}
