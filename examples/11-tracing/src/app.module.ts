import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { NatsAuthModule } from 'nestjs-nats-auth';

import { NatsUserInfoProvider } from './nats-user-info.provider.js';
import { OrdersController } from './orders.controller.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true }),
    NatsAuthModule.forRootAsync({
      isGlobal: true,
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        connection: { servers: config.getOrThrow<string>('NATS_URL'), queue: 'orders' },
        tracing: true,
      }),
      userInfoProvider: NatsUserInfoProvider,
    }),
  ],
  controllers: [OrdersController],
})
export class AppModule {}
