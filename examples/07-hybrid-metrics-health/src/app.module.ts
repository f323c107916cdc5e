import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { TerminusModule } from '@nestjs/terminus';
import { NatsAuthModule } from 'nestjs-nats-auth';

import { HealthController } from './health.controller.js';
import { NatsUserInfoProvider } from './nats-user-info.provider.js';
import { OrdersController } from './orders.controller.js';
import { ShopController } from './shop.controller.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true }),
    TerminusModule.forRoot({ logger: false }), // it would log each check that fails
    NatsAuthModule.forRootAsync({
      isGlobal: true,
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        connection: { servers: config.getOrThrow<string>('NATS_URL'), queue: 'orders' },
        metrics: { path: '/metrics' },
      }),
      userInfoProvider: NatsUserInfoProvider,
    }),
  ],
  controllers: [ShopController, OrdersController, HealthController],
})
export class AppModule {}
