import type { DynamicModule, INestMicroservice, ModuleMetadata } from '@nestjs/common';
import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  NatsAuthClient,
  NatsAuthModule,
  type NatsAuthModuleOptions,
  NatsAuthService,
  natsAuthTransport,
} from 'nestjs-nats-auth';
import { onTestFinished } from 'vitest';

/** A module with one registration and these controllers. */
export function appModule(options: NatsAuthModuleOptions, metadata: ModuleMetadata = {}): Type {
  @Module({ ...metadata, imports: [NatsAuthModule.forRoot(options), ...(metadata.imports ?? [])] })
  class AppModule {}
  return AppModule;
}

/** Starts an application of the module, and closes it; throws why it cannot start. */
export async function startAndClose(module: Type | DynamicModule): Promise<void> {
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  await app.close();
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
  const client = app.get(NatsAuthClient);
  services.set(client, app.get(NatsAuthService));
  return client;
}

const services = new WeakMap<NatsAuthClient, NatsAuthService>();

/** The `NatsAuthService` of the application that a client is of. */
export function serviceOf(client: NatsAuthClient): NatsAuthService {
  const service = services.get(client);
  if (!service) throw new Error('This client was not made by startClient().');
  return service;
}
