import { Controller, Get, Param, ParseIntPipe, ServiceUnavailableException } from '@nestjs/common';
import { InjectNatsAuthClient, type NatsAuthClient } from 'nestjs-nats-auth';
import { catchError, type Observable, timeout } from 'rxjs';

import type { Order } from '../orders/orders.controller.js';

@Controller('orders')
export class OrdersController {
  constructor(@InjectNatsAuthClient('gateway') private readonly nats: NatsAuthClient) {}

  @Get(':id')
  order(@Param('id', ParseIntPipe) id: number): Observable<Order> {
    return this.nats.send<Order>('orders.get', id).pipe(
      timeout(5_000),
      catchError((error: { message?: string }) => {
        // What a service throws comes over NATS as a plain object.
        throw new ServiceUnavailableException(error.message ?? 'The orders service failed.');
      }),
    );
  }
}
