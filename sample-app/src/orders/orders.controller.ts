import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { InjectNatsAuthClient, type NatsAuthClient } from 'nestjs-nats-auth';
import { map, type Observable } from 'rxjs';

export interface Order {
  readonly id: number;
  readonly cents: number;
}

@Controller()
export class OrdersController {
  constructor(@InjectNatsAuthClient('orders') private readonly nats: NatsAuthClient) {}

  @MessagePattern('orders.get')
  get(@Payload() id: number): Observable<Order> {
    return this.nats.send<{ cents: number }>('pricing.quote', id).pipe(map(({ cents }) => ({ id, cents })));
  }
}
