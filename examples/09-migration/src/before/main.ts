import { NestFactory } from '@nestjs/core';
import { type MicroserviceOptions, Transport } from '@nestjs/microservices';

import { AppModule } from './app.module.js';

export async function bootstrap() {
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(AppModule, {
    transport: Transport.NATS,
    options: {
      servers: process.env['NATS_URL'],
      queue: 'orders',
      user: 'orders',
      pass: process.env['NATS_PASSWORD'],
    },
    logger: ['warn', 'error'],
  });
  await app.listen();
  return app;
}
