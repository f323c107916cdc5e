import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { InjectNatsAuthClient, type NatsAuthClient } from 'nestjs-nats-auth';
import { map, type Observable, tap, timeout } from 'rxjs';

import { OrderStore } from './order-store.js';

export interface Order {
  readonly id: number;
  readonly cents: number;
}

@Controller()
export class OrdersController {
  constructor(
    @InjectNatsAuthClient('orders') private readonly nats: NatsAuthClient,
    private readonly store: OrderStore,
  ) {}

  @MessagePattern('orders.get')
  get(@Payload() id: number): Observable<Order> {
    return this.nats.send<{ cents: number }>('pricing.quote', id).pipe(
      // An answer is lost with the server that carries it. A request without an end would hold up the next rotation.
      timeout(2_000),
      map(({ cents }) => ({ id, cents })),
      tap((order) => this.store.place(order)),
    );
  }
}
