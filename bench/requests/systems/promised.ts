import { AsyncResource } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

import { firstValueFrom, Observable, type Subscriber } from 'rxjs';

import { type Answer, connectBare, type Sent } from './bare.js';
import type { Handlers } from './handlers.js';
import type { Participant, PeerOptions } from './system.js';

interface Waiting {
  readonly id: string;
  readonly observer: Subscriber<unknown>;
  readonly context: AsyncResource;
}

/**
 * As `bare`, with what a caller of a NestJS client is promised, and nothing else: an observable that is sent when it is subscribed
 * to and after a promise, ids and reply subjects that nobody can guess, and answers in the caller's async context.
 */
export async function startPromised(options: PeerOptions, handlers: Handlers): Promise<Participant> {
  const { nc, inbox } = await connectBare(options, handlers);
  const waiting = new Map<string, Waiting>();
  nc.subscribe(`${inbox}.*`, {
    callback: (_error, message) => {
      const token = message.subject.slice(inbox.length + 1);
      const request = waiting.get(token);
      if (!request) return;
      const { id, response } = message.json<Answer>();
      if (id !== request.id) return;
      waiting.delete(token);
      request.context.runInAsyncScope(tell, undefined, request.observer, response);
    },
  });
  const connected = Promise.resolve();
  const send = (pattern: string, data: unknown) =>
    new Observable<unknown>((observer) => {
      void connected.then(() => {
        const [id, token] = [randomText(), randomText()];
        waiting.set(token, { id, observer, context: new AsyncResource('REQUEST') });
        observer.add(() => waiting.delete(token));
        const packet = JSON.stringify({ pattern, data, id } satisfies Sent);
        nc.publish(pattern, packet, { reply: `${inbox}.${token}` });
      });
    });
  return {
    request: (pattern, data) => firstValueFrom(send(pattern, data)),
    emit: (pattern, data) =>
      Promise.resolve(nc.publish(pattern, JSON.stringify({ pattern, data } satisfies Sent))),
    flush: () => nc.flush(),
  };
}

function tell(observer: Subscriber<unknown>, response: unknown): void {
  observer.next(response);
  observer.complete();
}

const LENGTH = 16;
let pool = '';
let used = 0;

/** 96 random bits, drawn for many at once. */
function randomText(): string {
  if (used === pool.length) {
    pool = randomBytes(3_072).toString('base64url');
    used = 0;
  }
  used += LENGTH;
  return pool.slice(used - LENGTH, used);
}
