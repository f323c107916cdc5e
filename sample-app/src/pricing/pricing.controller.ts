import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';

import { PriceList } from './price-list.js';

@Controller()
export class PricingController {
  constructor(private readonly prices: PriceList) {}

  @MessagePattern('pricing.quote')
  quote(@Payload() orderId: number): { cents: number } {
    return { cents: this.prices.quote(orderId) };
  }
}
