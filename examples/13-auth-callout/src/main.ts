import { NestFactory } from '@nestjs/core';

import { AppModule } from './app.module.js';

export async function bootstrap() {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['warn', 'error'] });
  app.enableShutdownHooks();
  return app;
}
