import { Controller, Inject } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import { eventually } from 'nestjs-nats-auth/testing';
import { describe } from 'vitest';

import { DIFFERENCES } from './differences.js';
import { answer } from './harness/outcome.js';
import { parity } from './harness/parity.js';
import { Journal, type Run } from './harness/run.js';

let instances = 0;

@Controller()
class Workers {
  readonly #instance = `instance ${++instances}`;

  constructor(@Inject(Journal) private readonly journal: Journal) {}

  @EventPattern('event')
  event(_data: unknown) {
    this.journal.note(this.#instance);
  }

  @EventPattern('work', { queue: 'workers' })
  work(_data: unknown) {
    this.journal.note(this.#instance);
  }

  @EventPattern('job.*', { queue: 'workers' })
  job(_data: unknown) {
    this.journal.note('job.*');
  }

  @EventPattern('job.>', { queue: 'auditors' })
  anyJob(_data: unknown) {
    this.journal.note('job.>');
  }

  @MessagePattern('ask', { queue: 'workers' })
  ask() {
    this.journal.note(this.#instance);
    return 'answered';
  }

  @MessagePattern('done')
  done() {
    return 'done';
  }
}

const service = { controllers: [Workers] };
const COUNT = 20;

/** How often messages were handled, and whether more than one instance took part in it. */
async function handled({ client, journal }: Run, subject: string, expected: number): Promise<string> {
  for (let n = 0; n < COUNT; n++) await answer(client.emit(subject, n));
  // Behind the events on the client's connection: whoever was going to hear them has them.
  await answer(client.send('done', {}));
  await eventually(() => journal.entries.length >= expected, { what: 'the events' });
  const handlers = new Set(journal.entries).size;
  return `${journal.entries.length} handled by ${handlers === 1 ? 'one' : 'several'}`;
}

describe('queue groups', () => {
  parity("with the 'queue' option, one of several instances gets each event", {
    service,
    serviceOptions: { queue: 'shop' },
    observe: async (run) => {
      await run.startService();
      return handled(run, 'event', COUNT);
    },
    stock: '20 handled by several',
  });

  parity('without a queue group, every instance gets each event', {
    service,
    observe: async (run) => {
      await run.startService();
      return handled(run, 'event', 2 * COUNT);
    },
    stock: '40 handled by several',
  });

  parity('a handler with a queue of its own shares it with the other instances', {
    service,
    observe: async (run) => {
      await run.startService();
      return handled(run, 'work', COUNT);
    },
    stock: '20 handled by several',
  });

  parity("a handler's own queue takes precedence over the 'queue' option", {
    service,
    serviceOptions: { queue: 'first' },
    observe: async (run) => {
      await run.startService({ queue: 'second' });
      return handled(run, 'work', COUNT);
    },
    stock: '20 handled by several',
  });

  parity('groups of different names get each message', {
    service,
    serviceOptions: { queue: 'first' },
    observe: async (run) => {
      await run.startService({ queue: 'second' });
      return handled(run, 'event', 2 * COUNT);
    },
    stock: '40 handled by several',
  });

  parity('handlers of different groups whose subjects overlap get each message', {
    service,
    observe: (run) => handled(run, 'job.1', 2 * COUNT),
    stock: '40 handled by several',
  });

  parity('a request gets one answer from a handler with a queue, and one from each instance without', {
    service,
    observe: async (run) => {
      await run.startService();
      const asked = await answer(run.client.send<string>('ask', {}));
      return `${asked}, ${run.journal.entries.length} handled`;
    },
    stock: 'answered, 1 handled',
  });

  parity('what the server shows of the groups', {
    service,
    serviceOptions: { name: 'service' },
    observe: async ({ server }) => {
      const response = await fetch(`${server.monitorUrl}/connz?subs=detail`);
      const { connections } = (await response.json()) as Connz;
      const subscriptions = connections.flatMap((connection) => connection.subscriptions_list_detail ?? []);
      const groupOf = (subject: string) =>
        subscriptions.find((subscription) => subscription.subject === subject)?.qgroup ?? 'none';
      return `work: ${groupOf('work')}, event: ${groupOf('event').replace(/instance-[^.]{16}/, 'instance-…')}`;
    },
    stock: 'work: workers, event: none',
    difference: DIFFERENCES.groupOfInstance,
  });
});

interface Connz {
  readonly connections: { subscriptions_list_detail?: { subject: string; qgroup?: string }[] }[];
}
