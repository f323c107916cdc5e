import { type DynamicModule, Module } from '@nestjs/common';
import { NatsAuthModule } from 'nestjs-nats-auth';

import { IssuerClientModule } from '../issuer/issuer-client.module.js';
import { OrdersController } from './orders.controller.js';
import { OrdersUserInfoProvider } from './orders.user-info-provider.js';

@Module({})
export class OrdersModule {
  static with(natsUrl: string, issuerUrl: string): DynamicModule {
    const issuer = IssuerClientModule.at(issuerUrl);
    return {
      module: OrdersModule,
      imports: [
        issuer,
        NatsAuthModule.forRootAsync({
          imports: [issuer],
          useFactory: () => ({
            connection: { servers: natsUrl, name: 'orders', queue: 'orders', reconnectTimeWait: 250 },
          }),
          userInfoProvider: OrdersUserInfoProvider,
        }),
      ],
      controllers: [OrdersController],
    };
  }
}
