import { Controller, Inject } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';

import { HeardMessages } from './heard.js';

/** What a responder answers and hears. */
@Controller()
export class BenchController {
  constructor(@Inject(HeardMessages) private readonly heard: HeardMessages) {}

  @MessagePattern('bench.request')
  request(@Payload() n: number) {
    this.heard.add('requests', n);
    return n;
  }

  @EventPattern('bench.event')
  event(@Payload() n: number) {
    this.heard.add('events', n);
  }

  @EventPattern('bench.queued', { queue: 'bench' })
  queued(@Payload() n: number) {
    this.heard.add('queued', n);
  }
}
