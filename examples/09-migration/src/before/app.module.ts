import { Module } from '@nestjs/common';
import { ClientsModule, Transport } from '@nestjs/microservices';

import { OrdersController } from '../orders.controller.js';

@Module({
  imports: [
    ClientsModule.registerAsync([
      {
        name: 'PRICES',
        useFactory: () => ({
          transport: Transport.NATS,
          options: {
            servers: process.env['NATS_URL'],
            user: 'orders',
            pass: process.env['NATS_PASSWORD'],
          },
        }),
      },
    ]),
  ],
  controllers: [OrdersController],
})
export class AppModule {}
