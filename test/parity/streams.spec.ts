import { Controller, Inject } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import type { NatsConnection } from '@nats-io/transport-node';
import { eventually } from 'nestjs-nats-auth/testing';
import { concat, EMPTY, finalize, interval, map, NEVER, of, startWith, take, throwError } from 'rxjs';
import { describe } from 'vitest';

import { DIFFERENCES } from './differences.js';
import { outcome, outcomeUntil } from './harness/outcome.js';
import { parity } from './harness/parity.js';
import { Journal } from './harness/run.js';

@Controller()
class Streams {
  constructor(@Inject(Journal) private readonly journal: Journal) {}

  @MessagePattern('at-once')
  atOnce() {
    return of(1, 2, 3);
  }

  @MessagePattern('one-by-one')
  oneByOne() {
    return interval(2).pipe(
      take(4),
      map((n) => `#${n}`),
    );
  }

  @MessagePattern('empty')
  empty() {
    return EMPTY;
  }

  @MessagePattern('promised')
  promised() {
    return Promise.resolve(of('a', 'b'));
  }

  @MessagePattern('broken')
  broken() {
    return concat(
      of(1, 2),
      throwError(() => new Error('broken stream')),
    );
  }

  @MessagePattern('endless')
  endless() {
    return NEVER.pipe(
      startWith('first'),
      finalize(() => this.journal.note('ended')),
    );
  }

  @MessagePattern('ticking')
  ticking() {
    return interval(20).pipe(
      take(1_000),
      finalize(() => this.journal.note('ended')),
    );
  }

  @MessagePattern('holes')
  holes() {
    return of(null, undefined, 0);
  }
}

const service = { controllers: [Streams] };

describe('streaming responses', () => {
  parity('an Observable of several values arrives value by value', {
    service,
    observe: ({ client }) => outcome(client.send('at-once', {})),
    stock: '1 2 3 |',
  });

  parity('values that come one by one arrive in their order', {
    service,
    observe: ({ client }) => outcome(client.send('one-by-one', {})),
    stock: '"#0" "#1" "#2" "#3" |',
  });

  parity('an empty Observable completes without a value', {
    service,
    observe: ({ client }) => outcome(client.send('empty', {})),
    stock: '|',
  });

  parity('a promise of an Observable is an Observable', {
    service,
    observe: ({ client }) => outcome(client.send('promised', {})),
    stock: '"a" "b" |',
  });

  parity('an Observable that fails gives its values, then the error', {
    service,
    observe: ({ client }) => outcome(client.send('broken', {})),
    stock: '1 2 error {"status":"error","message":"Internal server error"}',
  });

  parity('null and undefined among the values', {
    service,
    observe: ({ client }) => outcome(client.send('holes', {})),
    stock: 'null undefined 0 |',
  });

  parity('a caller that takes the first values leaves a client that goes on working', {
    service,
    observe: async ({ client }) => {
      const taken = await outcome(client.send('one-by-one', {}).pipe(take(2)));
      return `${taken}; ${await outcome(client.send('at-once', {}))}`;
    },
    stock: '"#0" "#1" |; 1 2 3 |',
  });

  parity('a caller that unsubscribes hears nothing more, and its reply subscription is gone or idle', {
    service,
    observe: async ({ client, server }) => {
      const values: unknown[] = [];
      const subscription = client.send('endless', {}).subscribe((value) => values.push(value));
      await eventually(() => values.length === 1, { what: 'the first value' });
      subscription.unsubscribe();
      const next = await outcome(client.send('at-once', {}));
      // One inbox may stay for all requests; one for each would be a leak.
      const connections = await server.connections();
      const inboxes = connections
        .flatMap((of) => of.subscriptions_list ?? [])
        .filter((s) => s.startsWith('_INBOX'));
      return `${JSON.stringify(values)}; ${next}; ${inboxes.length <= 1 ? 'no leak' : inboxes.join()}`;
    },
    stock: '["first"]; 1 2 3 |; no leak',
  });

  parity('a service that closes while a caller waits for its stream', {
    service,
    observe: async ({ client, service: app, journal }) => {
      const closed = async () => {
        await outcome(client.send('at-once', {}));
        await app.close();
        // What the service sent before has arrived.
        await client.unwrap<NatsConnection>().flush();
      };
      const told = await outcomeUntil(client.send('endless', {}), Promise.resolve().then(closed));
      return `${told}; ${journal.entries.length > 0 ? 'ended' : 'goes on'}`;
    },
    stock: '"first" silence; goes on',
    difference: DIFFERENCES.cutOffStream,
  });

  parity('a requester that has gone', {
    service,
    observe: async (run) => {
      const nc = await run.plainConnection();
      nc.subscribe('requester', { max: 1, callback: () => undefined });
      nc.publish('ticking', '{"id":"1","data":{}}', { reply: 'requester' });
      const ended = () => run.journal.entries.length > 0;
      return eventually(ended, { timeoutMs: 8_000 }).then(
        () => 'ended',
        () => 'goes on',
      );
    },
    stock: 'goes on',
    difference: DIFFERENCES.unheardStream,
  });
});
