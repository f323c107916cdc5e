import { type DynamicModule, Module } from '@nestjs/common';

import { natsFor, type ServiceSettings } from '../credentials/nats-credentials.module.js';
import { OrdersController } from './orders.controller.js';

@Module({})
export class OrdersModule {
  static with(settings: ServiceSettings): DynamicModule {
    return {
      module: OrdersModule,
      imports: [natsFor('orders', settings)],
      controllers: [OrdersController],
    };
  }
}
