import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { NatsAuthClient } from 'nestjs-nats-auth';
import { firstValueFrom } from 'rxjs';

@Controller()
export class OrdersController {
  constructor(private readonly nats: NatsAuthClient) {}

  @MessagePattern('orders.ship')
  async ship(@Payload() id: number) {
    await firstValueFrom(this.nats.emit('order.shipped', { id }), { defaultValue: undefined });
    return { id, status: 'shipped' };
  }

  @EventPattern('order.shipped')
  shipped(@Payload() _order: { id: number }) {
    // A mail to the customer, say: what it does here is in the same trace.
  }
}
