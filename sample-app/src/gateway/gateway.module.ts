import { type DynamicModule, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';

import { natsFor, type ServiceSettings } from '../credentials/nats-credentials.module.js';
import { PageController } from '../page/page.controller.js';
import { SYSTEM_VIEW, type SystemView } from '../page/system-view.js';
import { HealthController } from './health.controller.js';
import { OrdersController } from './orders.controller.js';
import { PriceWatch } from './price-watch.js';

@Module({})
export class GatewayModule {
  static with(settings: ServiceSettings, system: SystemView): DynamicModule {
    return {
      module: GatewayModule,
      imports: [
        natsFor('gateway', settings, { path: '/metrics' }),
        TerminusModule.forRoot({ logger: false }),
      ],
      controllers: [OrdersController, HealthController, PageController],
      providers: [{ provide: SYSTEM_VIEW, useValue: system }, PriceWatch],
    };
  }
}
