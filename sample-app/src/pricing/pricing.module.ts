import { type DynamicModule, Module } from '@nestjs/common';

import { natsFor, type ServiceSettings } from '../credentials/nats-credentials.module.js';
import { PriceList } from './price-list.js';
import { PricingController } from './pricing.controller.js';

@Module({})
export class PricingModule {
  static with(settings: ServiceSettings): DynamicModule {
    return {
      module: PricingModule,
      imports: [natsFor('pricing', settings)],
      controllers: [PricingController],
      providers: [PriceList],
    };
  }
}
