import { join } from 'node:path';

import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { NatsAuthModule } from 'nestjs-nats-auth';
import { PasswordFilesProvider } from 'nestjs-nats-auth/providers';

import { OrdersController } from './orders.controller.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true }),
    NatsAuthModule.forRootAsync({
      isGlobal: true,
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        connection: { servers: config.getOrThrow<string>('NATS_URL'), queue: 'orders' },
      }),
      userInfoProvider: {
        inject: [ConfigService],
        useFactory: (config: ConfigService) => {
          // Where the Secret is mounted, such as /run/secrets/nats.
          const folder = config.getOrThrow<string>('NATS_SECRET_DIR');
          return new PasswordFilesProvider({
            userPath: join(folder, 'username'),
            passPath: join(folder, 'password'),
          });
        },
      },
    }),
  ],
  controllers: [OrdersController],
})
export class AppModule {}
