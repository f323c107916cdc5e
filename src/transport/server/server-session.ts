import { createHash } from 'node:crypto';

import {
  assertSubscribable,
  type DeniedOperation,
  isTooLong,
  ownSubscription,
  type Session,
} from '../../../libs/connection/index.js';
import { inOwnContext } from '../../../libs/base/index.js';
import type { NatsConnection, NatsMessage, NatsSubscription } from '../../module/nats-connection.js';
import type { HandledMessage } from '../../tracing/handled-message.js';
import { type AnswerInbox, RequesterWatch } from './requester-watch.js';
import { type Packet, type Requester, Work, type Workplace } from './work.js';

/** Subscribes handlers, as nats.js connections do. */
export type Subscriber = Pick<NatsConnection, 'subscribe'>;

/** The part of a connection that its handlers use. */
type HandlersConnection = Pick<NatsConnection, 'subscribe' | 'flush'>;

type Callback = Parameters<NatsConnection['subscribe']>[1]['callback'];

/** A handler's subscription on one connection. */
/** The handlers of a session, and callbacks for their failures. */
export interface ServerSessionSettings {
  /** Subscribes every handler on the connection it is given. */
  readonly bind: (connection: Subscriber) => void;
  /**
   * Names the group of handlers that have none: while two connections overlap, one of them gets each message.
   */
  readonly instance: string;
  readonly answers: AnswerInbox;
  /** Called when handling a message threw. */
  readonly failed: (error: unknown, message: NatsMessage) => void;
  readonly teardownFailed: (error: unknown) => void;
  /** Follows a message that has arrived, if somebody wants to. */
  readonly followed?: (message: NatsMessage, pattern: string, queue?: string) => HandledMessage | undefined;
}

/** The error that the requester of a stream receives when the connection its request came in on is closed. */
const CUT_OFF = {
  err: {
    status: 'error',
    code: 'DISCONNECTED',
    message: 'The service has closed the connection that the request came in on.',
  },
  isDisposed: true,
};

interface Handler {
  readonly callback: Callback;
  /** What is subscribed for it. */
  readonly pattern: string;
  /** The queue group that it asks for; with an empty name it declines the default group. */
  readonly queue?: string;
}

interface Subscribed {
  readonly handler: Handler;
  readonly subscription: NatsSubscription;
  /** The server denied it, or it is to end with the dial: nats.js will not subscribe it again. */
  readonly isDropped: boolean;
}

/** The handlers of a server on one connection, and the messages that they are working on. */
export class ServerSession implements Session, Workplace {
  readonly needsInterest = true;
  /** By subject, in the order in which they were subscribed. */
  readonly #handlers = new Map<string, Subscribed>();
  /** Work whose replies come from a stream. */
  readonly #streams = new Set<Work>();
  readonly #waiting: (() => void)[] = [];
  readonly #requesters: RequesterWatch;
  #pending = 0;
  #over = false;

  constructor(
    private readonly nc: HandlersConnection,
    private readonly settings: ServerSessionSettings,
  ) {
    this.#requesters = new RequesterWatch(nc, settings.answers);
  }

  get pending(): number {
    return this.#pending;
  }

  get over(): boolean {
    return this.#over;
  }

  start(): void {
    this.settings.bind({
      subscribe: (subject, { queue, callback }) => {
        assertSubscribable(subject, queue);
        return this.#subscribe({ callback, pattern: subject, queue });
      },
    });
  }

  /** nats.js has subscribed again what was not refused: the server has all of it when it answers. */
  connected(): Promise<void> {
    for (const { handler, isDropped } of [...this.#handlers.values()])
      if (isDropped) this.#subscribe(handler);
    return this.nc.flush();
  }

  toldAs(subject: string): string | undefined {
    return this.#handlers.has(subject) ? subject : undefined;
  }

  /** The event of the connection has told of the first refusal. */
  permissionDenied(operation: DeniedOperation, _subject: string, known = false): 'ours' | undefined {
    return operation === 'subscription' && known ? 'ours' : undefined;
  }

  subscribeAgain(subjects: ReadonlySet<string>, last: number): void {
    const others = [...this.#handlers].filter(([subject]) => !subjects.has(subject));
    const unnamed = others.slice(others.length - last).map(([subject]) => subject);
    for (const one of [...subjects, ...unnamed]) {
      const subscribed = this.#handlers.get(one);
      if (!subscribed) continue;
      // nats.js still has what was refused by another name than it was subscribed, and would hear it twice.
      subscribed.subscription.unsubscribe();
      this.#subscribe(subscribed.handler);
    }
  }

  async drain(): Promise<void> {
    // nats.js refuses to drain a subscription that the server denied.
    await Promise.allSettled([...this.#handlers.values()].map(({ subscription }) => subscription.drain()));
  }

  idle(): Promise<void> {
    return this.#pending === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Nothing new arrives, so that other instances get it, and what has arrived is answered. */
  async rest(): Promise<void> {
    for (const [subject, subscribed] of this.#handlers)
      this.#handlers.set(subject, { ...subscribed, isDropped: true });
    await this.drain();
    await this.idle();
    await this.nc.flush();
  }

  /** Ends the remaining streams with an error to their requesters. */
  cutOff(): boolean {
    const told = this.#streams.size > 0;
    this.#tearDown(CUT_OFF);
    return told;
  }

  /** The connection is closed, so requesters cannot be notified. */
  closed(): void {
    this.#tearDown();
  }

  began(): void {
    this.#pending++;
  }

  ended(): void {
    if (--this.#pending > 0) return;
    for (const becameIdle of this.#waiting.splice(0)) becameIdle();
  }

  streaming(work: Work): Requester {
    this.#streams.add(work);
    return this.#requesters.watch(() => work.cutOff());
  }

  streamed(work: Work): void {
    this.#streams.delete(work);
  }

  teardownFailed(error: unknown): void {
    this.settings.teardownFailed(error);
  }

  #subscribe(handler: Handler): NatsSubscription {
    const { pattern, queue } = handler;
    const subscription = ownSubscription(
      this.nc.subscribe(pattern, {
        queue: queue ? queue : this.#groupOf(pattern),
        callback: (error, message) => {
          if (error && this.#handlers.get(pattern)?.subscription === subscription)
            this.#handlers.set(pattern, { handler, subscription, isDropped: true });
          this.#handle(handler, error, message);
        },
      }),
    );
    // In the order of nats.js, which sends what is new last.
    this.#handlers.delete(pattern);
    this.#handlers.set(pattern, { handler, subscription, isDropped: false });
    return subscription;
  }

  /**
   * A group of its own for each subject: the server hands a message to one member of a group, also when the subjects of
   * several members match it, as those of 'orders.*' and 'orders.>' do.
   */
  #groupOf(subject: string): string {
    const group = `${this.settings.instance}.${subject}`;
    if (!isTooLong(subject, group)) return group;
    return `${this.settings.instance}.${createHash('sha256').update(subject).digest('base64url')}`;
  }

  #handle({ callback, pattern, queue }: Handler, error: unknown, message: NatsMessage): void {
    const followed = error ? undefined : this.settings.followed?.(message, pattern, queue);
    const work = error ? undefined : Work.begin(message, this, followed);
    const handle = (): unknown => callback(error, message);
    const handled = () => work?.handled();
    const failed = (thrown: unknown) => {
      followed?.failed(thrown);
      try {
        // An unhandled rejection would end the process.
        this.settings.failed(thrown, message);
      } finally {
        handled();
      }
    };
    let handling: unknown;
    try {
      // In a context of its own, so that what one message enters is not there for the next.
      handling = inOwnContext(followed ? () => followed.run(handle) : handle);
    } catch (thrown) {
      return failed(thrown);
    }
    // An `async` function around it would cost each message another promise and its state.
    void Promise.resolve(handling).then(handled, failed);
  }

  #tearDown(lastWords?: Packet): void {
    this.#over = true;
    for (const work of this.#streams) work.cutOff(CUT_OFF.err, lastWords);
  }
}
