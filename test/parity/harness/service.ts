import { Controller, Inject } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';

import { Journal } from './run.js';

@Controller()
class Echo {
  constructor(@Inject(Journal) private readonly journal: Journal) {}

  @MessagePattern('echo')
  echo(@Payload() data: unknown) {
    return data;
  }

  @MessagePattern('slow')
  async slow(@Payload() data: unknown) {
    await this.journal.wait('slow');
    return data;
  }

  @EventPattern('event')
  event(@Payload() data: unknown) {
    this.journal.note(JSON.stringify(data));
  }
}

/** A service for scenarios that are about the connection, not about what goes over it. */
export const service = { controllers: [Echo] };
