import { NestFactory } from '@nestjs/core';
import { natsAuthTransport } from 'nestjs-nats-auth';

import { AppModule } from './app.module.js';

export async function bootstrap(port: number) {
  const app = await NestFactory.create(AppModule, { logger: ['warn', 'error'] });
  app.connectMicroservice(natsAuthTransport());
  app.enableShutdownHooks();
  await app.startAllMicroservices();
  await app.listen(port);
  return app;
}
