import { type DynamicModule, Module } from '@nestjs/common';

import { natsFor, type ServiceSettings } from '../credentials/nats-credentials.module.js';
import { OrderLedger } from './order-ledger.js';
import { OrderStore } from './order-store.js';
import { OrderTally } from './order-tally.js';
import { OrdersController } from './orders.controller.js';

@Module({})
export class OrdersModule {
  static with(settings: ServiceSettings): DynamicModule {
    return {
      module: OrdersModule,
      imports: [natsFor('orders', settings)],
      controllers: [OrdersController],
      providers: [OrderTally, OrderStore, OrderLedger],
    };
  }
}
