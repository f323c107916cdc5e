import { Controller, Inject } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';

import { OnceEach } from './once-each.js';
import { Problems } from './problems.js';

/** Notes of the requests and events that came which of them came before. */
export class Heard {
  readonly requests = new OnceEach();
  readonly events = new OnceEach();
}

@Controller()
export class SoakController {
  constructor(
    @Inject(Heard) private readonly heard: Heard,
    @Inject(Problems) private readonly problems: Problems,
  ) {}

  @MessagePattern('soak.probe')
  probe() {
    return 'there';
  }

  @MessagePattern('soak.request')
  request(@Payload() n: number) {
    if (!this.heard.requests.add(n)) this.problems.add('a request was handled twice');
    return n;
  }

  @EventPattern('soak.event')
  event(@Payload() n: number) {
    if (!this.heard.events.add(n)) this.problems.add('an event was handled twice');
  }
}
