import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { NatsAuthModule } from 'nestjs-nats-auth';

import { OrdersController } from './orders.controller.js';
import { AuditUserInfoProvider, OrdersUserInfoProvider } from './user-info.providers.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true }),
    NatsAuthModule.forRootAsync({
      name: 'orders',
      isGlobal: true,
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        connection: { servers: config.getOrThrow<string>('ORDERS_NATS_URL'), queue: 'orders' },
      }),
      userInfoProvider: OrdersUserInfoProvider,
    }),
    NatsAuthModule.forRootAsync({
      name: 'audit',
      isGlobal: true,
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        connection: { servers: config.getOrThrow<string>('AUDIT_NATS_URL') },
      }),
      userInfoProvider: AuditUserInfoProvider,
    }),
  ],
  controllers: [OrdersController],
})
export class AppModule {}
