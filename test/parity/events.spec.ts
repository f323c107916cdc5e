import { Controller, Inject } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, type NatsContext, Payload } from '@nestjs/microservices';
import { eventually } from 'nestjs-nats-auth/testing';
import { of, tap } from 'rxjs';
import { describe } from 'vitest';

import { DIFFERENCES } from './differences.js';
import { answer, outcome } from './harness/outcome.js';
import { parity } from './harness/parity.js';
import { Journal, type Run } from './harness/run.js';

@Controller()
class Events {
  constructor(@Inject(Journal) private readonly journal: Journal) {}

  @EventPattern('created')
  created(@Payload() what: string) {
    this.journal.note(`first ${what}`);
  }

  @EventPattern('created')
  createdToo(@Payload() what: string) {
    this.journal.note(`second ${what}`);
  }

  @EventPattern({ event: 'moved' })
  moved(@Payload() what: string) {
    this.journal.note(`moved ${what}`);
  }

  @EventPattern('numbered')
  numbered(@Payload() n: number) {
    this.journal.note(String(n));
  }

  @EventPattern('streamed')
  streamed(_data: unknown) {
    return of('a', 'b').pipe(tap((value) => this.journal.note(value)));
  }

  @EventPattern('failing')
  failing(_data: unknown) {
    throw new Error('the handler failed');
  }

  @MessagePattern('asked')
  asked(@Payload() what: string) {
    this.journal.note(`asked ${what}`);
    return `answer to ${what}`;
  }

  @EventPattern('audit.>')
  audit(@Payload() _data: unknown, @Ctx() context: unknown) {
    this.journal.note(`> ${(context as NatsContext).getSubject()}`);
  }

  @EventPattern('audit.*')
  auditOne(@Payload() _data: unknown, @Ctx() context: unknown) {
    this.journal.note(`* ${(context as NatsContext).getSubject()}`);
  }

  @EventPattern('audit.login')
  auditLogin(@Payload() _data: unknown, @Ctx() context: unknown) {
    this.journal.note(`= ${(context as NatsContext).getSubject()}`);
  }
}

const service = { controllers: [Events] };

/** The journal, once the services have answered a request that was sent behind the events. */
async function heard({ client, journal }: Run, count: number): Promise<string> {
  await answer(client.send('asked', 'last'));
  await eventually(() => journal.entries.length > count, { what: 'the events' });
  return journal.entries.filter((entry) => entry !== 'asked last').join(', ');
}

function numbered(run: Run): Promise<string> {
  for (let n = 0; n < 8; n++) run.client.emit('numbered', n);
  return heard(run, 8);
}

describe('events', () => {
  parity('an event reaches every handler of its pattern', {
    service,
    observe: async (run) => {
      const emitted = await outcome(run.client.emit('created', 'order'));
      return `${emitted}; ${await heard(run, 2)}`;
    },
    stock: 'undefined |; first order, second order',
  });

  parity('an event with an object pattern reaches its handler', {
    service,
    observe: async (run) => {
      await outcome(run.client.emit({ event: 'moved' }, 'it'));
      return heard(run, 1);
    },
    stock: 'moved it',
  });

  parity('emit() sends without a subscriber, and once however many there are', {
    service,
    observe: async (run) => {
      const emitted = run.client.emit('numbered', 1);
      await Promise.all([outcome(emitted), outcome(emitted)]);
      run.client.emit('numbered', 2);
      return heard(run, 2);
    },
    stock: '1, 2',
  });

  parity('send() sends when it is subscribed to, and once for each subscriber', {
    service,
    observe: async (run) => {
      const request = run.client.send('asked', 'this');
      run.client.send('asked', 'nobody wants to know');
      await outcome(request);
      await outcome(request);
      return heard(run, 2);
    },
    stock: 'asked this, asked this',
  });

  parity('events arrive in the order in which they were emitted', {
    service,
    observe: async (run) => {
      await run.client.connect();
      return numbered(run);
    },
    stock: '0, 1, 2, 3, 4, 5, 6, 7',
  });

  parity('events that were emitted before the first connect arrive in their order', {
    service,
    observe: numbered,
    stock: '1, 2, 3, 4, 5, 6, 7, 0',
    difference: DIFFERENCES.orderOfFirstEvents,
  });

  parity('an event without a listener completes', {
    service,
    observe: ({ client }) => outcome(client.emit('unheard', {})),
    stock: 'undefined |',
  });

  parity('an Observable that an event handler returns is run', {
    service,
    observe: async (run) => {
      await outcome(run.client.emit('streamed', {}));
      return heard(run, 2);
    },
    stock: 'a, b',
  });

  parity('an event handler that throws harms nobody', {
    service,
    observe: async (run) => {
      const failed = await outcome(run.client.emit('failing', {}));
      await outcome(run.client.emit('numbered', 1));
      return `${failed}; ${await heard(run, 1)}`;
    },
    stock: 'undefined |; 1',
  });

  parity('an event to a message handler runs it, and its answer goes nowhere', {
    service,
    observe: async (run) => {
      const emitted = await outcome(run.client.emit('asked', 'by event'));
      return `${emitted}; ${await heard(run, 1)}`;
    },
    stock: 'undefined |; asked by event',
  });

  parity('a request to an event handler completes without an answer', {
    service,
    observe: ({ client }) => outcome(client.send('numbered', 1)),
    stock: '|',
  });

  parity('handlers whose subjects overlap hear each of what matches', {
    service,
    observe: async (run) => {
      for (let n = 0; n < 10; n++) await outcome(run.client.emit('audit.login', {}));
      const entries = (await heard(run, 30)).split(', ');
      return ['=', '*', '>']
        .map((of) => `${of} ${entries.filter((e) => e.startsWith(of)).length}`)
        .join(', ');
    },
    stock: '= 10, * 10, > 10',
  });
});
