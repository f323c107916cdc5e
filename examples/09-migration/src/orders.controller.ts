import { Controller, Inject } from '@nestjs/common';
import { ClientProxy, MessagePattern, Payload } from '@nestjs/microservices';
import type { Observable } from 'rxjs';

/** The same before and after. */
@Controller()
export class OrdersController {
  constructor(@Inject('PRICES') private readonly prices: ClientProxy) {}

  @MessagePattern('orders.total')
  total(@Payload() article: string): Observable<number> {
    return this.prices.send('prices.get', article);
  }

  @MessagePattern('prices.get')
  price(@Payload() article: string): number {
    return article.length;
  }
}
