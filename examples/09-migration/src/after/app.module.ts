import { Module } from '@nestjs/common';
import { NatsAuthClient, NatsAuthModule } from 'nestjs-nats-auth';

import { OrdersController } from '../orders.controller.js';
import { StaticUserInfoProvider } from './static-user-info.provider.js';

@Module({
  imports: [
    NatsAuthModule.forRootAsync({
      isGlobal: true,
      useFactory: () => ({ connection: { servers: process.env['NATS_URL'], queue: 'orders' } }),
      userInfoProvider: StaticUserInfoProvider,
    }),
  ],
  controllers: [OrdersController],
  providers: [{ provide: 'PRICES', useExisting: NatsAuthClient }],
})
export class AppModule {}
