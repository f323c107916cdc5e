import { Controller, Inject } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload, type Server } from '@nestjs/microservices';
import { eventually } from 'nestjs-nats-auth/testing';
import { of } from 'rxjs';
import { describe } from 'vitest';

import { outcome } from './harness/outcome.js';
import { parity } from './harness/parity.js';
import { Journal, type Run } from './harness/run.js';

@Controller()
class Handlers {
  constructor(@Inject(Journal) private readonly journal: Journal) {}

  @MessagePattern('stream')
  stream() {
    this.journal.note('stream');
    return of(1, 2);
  }

  @EventPattern('event')
  event(@Payload() data: unknown) {
    this.journal.note(`event ${JSON.stringify(data)}`);
  }
}

const service = { controllers: [Handlers] };

function hookInto({ service: app, journal }: Run): void {
  // NestJS gives instrumentation no other way to the strategy of a microservice.
  const { serverInstance: strategy } = app as unknown as { serverInstance: Server };
  const onStart = (transport: unknown, _context: unknown, done: () => Promise<unknown>) => {
    journal.note(`start ${String(transport)}`);
    return done();
  };
  // Its type says void; the strategy awaits what the hook returns.
  strategy.setOnProcessingStartHook(onStart as Parameters<Server['setOnProcessingStartHook']>[0]);
  strategy.setOnProcessingEndHook((transport) => {
    journal.note(`end ${String(transport)}`);
  });
}

describe('hooks of instrumentation', () => {
  parity('the hooks around the processing of a request', {
    service,
    observe: async (run) => {
      hookInto(run);
      const answer = await outcome(run.client.send('stream', {}));
      await eventually(() => run.journal.entries.length === 3, { what: 'the hooks' });
      return `${answer}; ${run.journal.entries.join(', ')}`;
    },
    stock: '1 2 |; start 2, stream, end 2',
  });

  parity('the hooks around the processing of an event', {
    service,
    observe: async (run) => {
      hookInto(run);
      await outcome(run.client.emit('event', 7));
      await eventually(() => run.journal.entries.length === 3, { what: 'the hooks' });
      return run.journal.entries.join(', ');
    },
    stock: 'start 2, event 7, end 2',
  });

  parity("the client's dispatch hook sees every packet", {
    service,
    observe: async ({ client, journal }) => {
      client.setOnDispatchHook((packet) => {
        journal.note(`dispatch ${String(packet.pattern)}`);
      });
      await outcome(client.send('stream', {}));
      await outcome(client.emit('event', 7));
      await eventually(() => journal.entries.length === 4, { what: 'the event' });
      return journal.entries.join(', ');
    },
    stock: 'dispatch stream, stream, dispatch event, event 7',
  });
});
