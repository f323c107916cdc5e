import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';

@Controller()
export class PricingController {
  @MessagePattern('pricing.quote')
  quote(@Payload() orderId: number): { cents: number } {
    return { cents: 100 + ((orderId * 37) % 900) };
  }
}
