import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';

@Controller()
export class OrdersController {
  @MessagePattern('orders.get')
  get(@Payload() id: number) {
    return { id, status: 'shipped' };
  }
}
