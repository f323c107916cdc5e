import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { NatsAuthModule } from 'nestjs-nats-auth';

import { OrdersController } from './orders.controller.js';
import { VaultUserInfoProvider } from './vault-user-info.provider.js';
import { VaultModule } from './vault.module.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true }),
    NatsAuthModule.forRootAsync({
      isGlobal: true,
      imports: [VaultModule],
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        connection: { servers: config.getOrThrow<string>('NATS_URL'), queue: 'orders' },
      }),
      userInfoProvider: VaultUserInfoProvider,
    }),
  ],
  controllers: [OrdersController],
})
export class AppModule {}
