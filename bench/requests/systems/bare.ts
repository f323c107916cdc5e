import type { Msg, NatsConnection } from '@nats-io/transport-node';

import type { Handlers } from './handlers.js';
import { type Participant, type PeerOptions, type Subjects, subjectsOf } from './system.js';

/** NestJS's packets, of a request or an event. */
export interface Sent {
  readonly pattern: string;
  readonly data: unknown;
  readonly id?: string;
}

export interface Answer {
  readonly response: unknown;
  readonly isDisposed: true;
  readonly id: string | undefined;
}

/** The least that one writes by hand for NestJS's packets on nats.js: what a transport can come close to. */
export async function startBare(options: PeerOptions, handlers: Handlers): Promise<Participant> {
  const { nc, inbox } = await connectBare(options, handlers);
  const waiting = new Map<string | undefined, (response: unknown) => void>();
  nc.subscribe(`${inbox}.*`, {
    callback: (_error, message) => {
      const { id, response } = message.json<Answer>();
      waiting.get(id)?.(response);
      waiting.delete(id);
    },
  });
  let requests = 0;
  return {
    request: (pattern, data) =>
      new Promise((resolve) => {
        const id = String(++requests);
        waiting.set(id, resolve);
        nc.publish(pattern, JSON.stringify({ pattern, data, id } satisfies Sent), {
          reply: `${inbox}.${id}`,
        });
      }),
    emit: (pattern, data) =>
      Promise.resolve(nc.publish(pattern, JSON.stringify({ pattern, data } satisfies Sent))),
    flush: () => nc.flush(),
  };
}

/** Connects; a responder is subscribed when this resolves. */
export async function connectBare(options: PeerOptions, handlers: Handlers) {
  const { connect, createInbox } = (await import(options.driver)) as typeof import('@nats-io/transport-node');
  const nc = await connect({ servers: options.servers });
  if (options.role === 'responder') {
    respond(nc, subjectsOf(options), handlers);
    await nc.flush();
  }
  return { nc, inbox: createInbox() };
}

function respond(nc: NatsConnection, { echo, held, event, more }: Subjects, handlers: Handlers): void {
  for (const subject of [echo, ...more]) {
    nc.subscribe(subject, {
      callback: (_error, message) => {
        const { data, id } = message.json<Sent>();
        answer(message, id, handlers.echo(data));
      },
    });
  }
  nc.subscribe(held, {
    callback: (_error, message) => {
      const { data, id } = message.json<Sent>();
      void handlers.held(data).then((response) => answer(message, id, response));
    },
  });
  nc.subscribe(event, {
    callback: (_error, message) => {
      message.json<Sent>();
      handlers.event();
    },
  });
}

function answer(message: Msg, id: string | undefined, response: unknown): void {
  message.respond(JSON.stringify({ response, isDisposed: true, id } satisfies Answer));
}
