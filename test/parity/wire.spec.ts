import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { Msg } from '@nats-io/transport-node';
import { eventually } from 'nestjs-nats-auth/testing';
import { of, throwError } from 'rxjs';
import { afterAll, beforeAll, describe } from 'vitest';

import { DIFFERENCES } from './differences.js';
import { outcome } from './harness/outcome.js';
import { parity } from './harness/parity.js';
import type { Run } from './harness/run.js';

@Controller()
class Answers {
  @MessagePattern('value')
  value(@Payload() data: unknown) {
    return { data };
  }

  @MessagePattern('stream')
  stream() {
    return of(1, 2);
  }

  @MessagePattern('failure')
  failure() {
    return throwError(() => new Error('no'));
  }
}

const service = { controllers: [Answers] };

/** A message as it is on the wire, without what is random. */
function text({ subject, data, reply, headers }: Msg): string {
  const body = new TextDecoder().decode(data).replace(/"id":"[\w-]+"/, '"id":"…"');
  const kindOfReply = reply ? `reply ${reply.split('.')[0] ?? ''}` : 'no reply';
  return `${subject} ${body} ${kindOfReply}${headers ? ' headers' : ''}`;
}

/** What a client sends to a nats.js peer. */
async function sent(run: Run): Promise<string> {
  const { client } = run;
  const nc = await run.plainConnection();
  const heard: string[] = [];
  nc.subscribe('*', {
    callback: (_error, message) => {
      heard.push(text(message));
    },
  });
  await nc.flush();
  client.send('value', { a: 1 }).subscribe({ error: () => {} });
  await eventually(() => heard.length === 1, { what: 'the request' });
  await outcome(client.emit({ an: 'event' }, 'payload'));
  await eventually(() => heard.length === 2, { what: 'the event' });
  return heard.join('; ');
}

/** What a service answers to a nats.js peer. */
async function answers(run: Run, subject: string, request: string, count: number): Promise<string> {
  const nc = await run.plainConnection();
  const heard: string[] = [];
  nc.subscribe('answers', {
    callback: (_error, message) => {
      heard.push(message.string());
    },
  });
  nc.publish(subject, request, { reply: 'answers' });
  await eventually(() => heard.length >= count, { what: 'the answers' });
  return heard.join('; ');
}

/** A nats.js peer that answers requests in its own way; returns the outcome of a request to it. */
/** For what never comes on either transport. */
const A_MOMENT_MS = 300;

async function answeredBy(run: Run, answer: (message: Msg) => void, patienceMs?: number) {
  const nc = await run.plainConnection();
  nc.subscribe('peer', { callback: (_error, message) => answer(message) });
  await nc.flush();
  await run.client.connect();
  return outcome(run.client.send('peer', {}), patienceMs);
}

describe('on the wire', () => {
  parity('requests and events of the client', {
    observe: sent,
    stock:
      'value {"pattern":"value","data":{"a":1},"id":"…"} reply _INBOX; {"an":"event"} {"pattern":{"an":"event"},"data":"payload"} no reply',
  });

  parity('a response of the service', {
    service,
    observe: (run) => answers(run, 'value', '{"pattern":"value","data":1,"id":"x"}', 1),
    stock: '{"response":{"data":1},"isDisposed":true,"id":"x"}',
  });

  parity('the responses of a stream', {
    service,
    observe: (run) => answers(run, 'stream', '{"data":{},"id":"x"}', 2),
    stock: '{"response":1,"id":"x"}; {"response":2,"isDisposed":true,"id":"x"}',
  });

  parity('the response of a handler that failed', {
    service,
    observe: (run) => answers(run, 'failure', '{"data":{},"id":"x"}', 1),
    stock: '{"err":{"status":"error","message":"Internal server error"},"isDisposed":true,"id":"x"}',
  });

  parity('a request that is not JSON is dropped, and the service goes on', {
    service,
    observe: async (run) => {
      const nc = await run.plainConnection();
      nc.publish('value', '{ not JSON', { reply: 'nobody' });
      return answers(run, 'value', '{"data":2,"id":"x"}', 1);
    },
    stock: '{"response":{"data":2},"isDisposed":true,"id":"x"}',
  });
});

describe('peers without NestJS', () => {
  parity('an answer of foreign JSON is the value', {
    observe: (run) => answeredBy(run, (message) => message.respond('{"temperature":21}')),
    stock: '{"temperature":21} |',
  });

  parity('an empty answer fails the request with EmptyResponseException', {
    observe: (run) => answeredBy(run, (message) => message.respond()),
    stock:
      'EmptyResponseException: Empty response. There are no subscribers listening to that message ("peer")',
  });

  parity('an answer with the id of another request is dropped', {
    observe: (run) =>
      answeredBy(
        run,
        (message) => message.respond('{"response":1,"isDisposed":true,"id":"another"}'),
        A_MOMENT_MS,
      ),
    stock: 'TimeoutError',
  });
});

describe('an answer that is not JSON', () => {
  const unhandled: string[] = [];
  const note = (error: unknown) => unhandled.push(String(error));
  // The test runner would take what the stock client leaves unhandled for a failure of this file.
  const listeners = process.listeners('unhandledRejection');
  beforeAll(() => {
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', note);
  });
  afterAll(() => {
    process.off('unhandledRejection', note);
    for (const listener of listeners) process.on('unhandledRejection', listener);
  });

  parity('fails its request', {
    observe: async (run) => {
      // Told apart by pair, as they run side by side; the errors quote no more than the beginning.
      const answer = `${run.pair.client[0] ?? ''}${run.pair.service[0] ?? ''} is no JSON`;
      const told = await answeredBy(run, (message) => message.respond(answer));
      const rejection = unhandled.some((error) => error.includes(`"${answer.slice(0, 5)}`))
        ? 'an unhandled rejection'
        : 'nothing unhandled';
      return `${told.split(':')[0] ?? ''}, ${rejection}`;
    },
    stock: 'TimeoutError, an unhandled rejection',
    difference: DIFFERENCES.malformedAnswer,
  });
});
