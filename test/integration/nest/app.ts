import type { INestMicroservice, ModuleMetadata } from '@nestjs/common';
import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type NatsAuthClient,
  NatsAuthModule,
  type NatsAuthModuleOptions,
  natsAuthTransport,
} from 'nestjs-nats-auth';
import { NatsAuthClient as Client } from 'nestjs-nats-auth';
import { onTestFinished } from 'vitest';

/** A module with one registration and these controllers. */
export function appModule(options: NatsAuthModuleOptions, metadata: ModuleMetadata = {}): Type {
  @Module({ ...metadata, imports: [NatsAuthModule.forRoot(options), ...(metadata.imports ?? [])] })
  class AppModule {}
  return AppModule;
}

/** Starts a microservice that ends with the test. */
export async function startService(
  options: NatsAuthModuleOptions,
  metadata: ModuleMetadata,
): Promise<INestMicroservice> {
  const app = await NestFactory.createMicroservice(appModule(options, metadata), {
    ...natsAuthTransport(options.name),
    logger: false,
  });
  onTestFinished(() => app.close());
  await app.listen();
  return app;
}

/** A client of an application of its own that ends with the test. */
export async function startClient(options: NatsAuthModuleOptions): Promise<NatsAuthClient> {
  const app = await NestFactory.createApplicationContext(appModule(options), { logger: false });
  onTestFinished(() => app.close());
  return app.get(Client);
}
