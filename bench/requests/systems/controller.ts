import { Controller, type Type } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';

import type { Handlers } from './handlers.js';
import type { Subjects } from './system.js';

/** The handlers as NestJS has them. */
export function controllerOf(handlers: Handlers, { echo, held, event, more }: Subjects): Type {
  @Controller()
  class BenchController {
    @MessagePattern(echo)
    echo(@Payload() payload: unknown) {
      return handlers.echo(payload);
    }

    @MessagePattern(held)
    held(@Payload() payload: unknown) {
      return handlers.held(payload);
    }

    @EventPattern(event)
    event(@Payload() _payload: unknown) {
      handlers.event();
    }
  }
  for (const [n, subject] of more.entries()) {
    const handler = { value: (payload: unknown) => handlers.echo(payload) };
    MessagePattern(subject)(BenchController.prototype, `more${n}`, handler);
    Payload()(BenchController.prototype, `more${n}`, 0);
    Object.defineProperty(BenchController.prototype, `more${n}`, handler);
  }
  return BenchController;
}
