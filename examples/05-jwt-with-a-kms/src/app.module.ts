import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { NatsAuthModule } from 'nestjs-nats-auth';

import { KmsModule } from './kms.module.js';
import { KmsUserInfoProvider } from './kms-user-info.provider.js';
import { OrdersController } from './orders.controller.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true }),
    NatsAuthModule.forRootAsync({
      isGlobal: true,
      imports: [KmsModule],
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        connection: { servers: config.getOrThrow<string>('NATS_URL'), queue: 'orders' },
      }),
      userInfoProvider: KmsUserInfoProvider,
    }),
  ],
  controllers: [OrdersController],
})
export class AppModule {}
