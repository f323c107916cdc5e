import { createHash } from 'node:crypto';

import { assertSubscribable, isTooLong, type Session } from '../../../libs/connection/index.js';
import { inOwnContext } from '../../../libs/credentials/index.js';
import type { NatsConnection, NatsMessage, NatsSubscription } from '../../module/nats-connection.js';
import { Work } from './work.js';

/** Subscribes handlers, as nats.js connections do. */
export type Subscriber = Pick<NatsConnection, 'subscribe'>;

/** The part of a connection that its handlers use. */
type HandlersConnection = Pick<NatsConnection, 'subscribe' | 'flush'>;

type Callback = Parameters<NatsConnection['subscribe']>[1]['callback'];

/** The handlers of a server on one connection, and the messages that they are working on. */
export class ServerSession implements Session {
  readonly needsInterest = true;
  readonly #subscriptions: NatsSubscription[] = [];
  #pending = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #workEnded = () => {
    if (--this.#pending > 0) return;
    for (const becameIdle of this.#waiting.splice(0)) becameIdle();
  };

  /**
   * @param bind subscribes every handler on the connection it is given.
   * @param instance names the group of handlers that have none: while two connections overlap, one of them gets each
   *   message.
   */
  constructor(
    private readonly nc: HandlersConnection,
    private readonly bind: (connection: Subscriber) => void,
    private readonly instance: string,
  ) {}

  get pending(): number {
    return this.#pending;
  }

  start(): void {
    this.bind({
      subscribe: (subject, { queue, callback }) => {
        assertSubscribable(subject, queue);
        const subscription = this.nc.subscribe(subject, {
          // An empty name, with which a handler declines the default group, is none.
          queue: queue ? queue : this.#groupOf(subject),
          callback: (error, message) => this.#handle(callback, error, message),
        });
        this.#subscriptions.push(subscription);
        return subscription;
      },
    });
  }

  /** nats.js has subscribed again: the server has all of it when it answers. */
  connected(): Promise<void> {
    return this.nc.flush();
  }

  async drain(): Promise<void> {
    // nats.js refuses to drain a subscription that the server denied.
    await Promise.allSettled(this.#subscriptions.map((subscription) => subscription.drain()));
  }

  idle(): Promise<void> {
    return this.#pending === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Messages go on arriving until the connection is dropped: only what is on its way out can be waited for. */
  rest(): Promise<void> {
    return this.nc.flush();
  }

  /**
   * A group of its own for each subject: the server hands a message to one member of a group, also when the subjects of
   * several members match it, as those of 'orders.*' and 'orders.>' do.
   */
  #groupOf(subject: string): string {
    const group = `${this.instance}.${subject}`;
    if (!isTooLong(subject, group)) return group;
    return `${this.instance}.${createHash('sha256').update(subject).digest('base64url')}`;
  }

  #handle(callback: Callback, error: unknown, message: NatsMessage): void {
    if (error) return void callback(error, message);
    const work = Work.begin(message, this.#workEnded);
    this.#pending++;
    // In a context of its own, so that what one message enters is not there for the next.
    void this.#handled(
      work,
      inOwnContext(() => callback(error, message)),
    );
  }

  async #handled(work: Work, handling: unknown): Promise<void> {
    try {
      await handling;
    } finally {
      work.handled();
    }
  }
}
