import { NestFactory } from '@nestjs/core';
import { natsAuthTransport } from 'nestjs-nats-auth';

import { AppModule } from './app.module.js';

export async function bootstrap() {
  const app = await NestFactory.createMicroservice(AppModule, {
    ...natsAuthTransport(),
    logger: ['warn', 'error'],
  });
  app.enableShutdownHooks();
  await app.listen();
  return app;
}
