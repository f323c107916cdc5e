import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { InjectNatsAuthClient, NatsAuthClient } from 'nestjs-nats-auth';
import { firstValueFrom } from 'rxjs';

@Controller()
export class OrdersController {
  constructor(@InjectNatsAuthClient('audit') private readonly audit: NatsAuthClient) {}

  @MessagePattern('orders.cancel')
  async cancel(@Payload() id: number) {
    // Completes when the server of the audit system has the event.
    await firstValueFrom(this.audit.emit('order.cancelled', { id }), { defaultValue: undefined });
    return { id, status: 'cancelled' };
  }
}
