import type { Session } from '../../../libs/connection/index.js';
import type { NatsConnection, NatsMessage, NatsSubscription } from '../../module/nats-connection.js';

/** Subscribes handlers, as nats.js connections do. */
export type Subscriber = Pick<NatsConnection, 'subscribe'>;

type Callback = Parameters<NatsConnection['subscribe']>[1]['callback'];

/** Which session a message that is being handled came in on. */
const sessions = new WeakMap<object, ServerSession>();

/** The handlers of a server on one connection, and the messages that they are working on. */
export class ServerSession implements Session {
  readonly #subscriptions: NatsSubscription[] = [];
  readonly #work = new Set<object>();
  readonly #replying = new WeakSet();
  #becomeIdle = () => {};

  /**
   * @param bind subscribes every handler on the connection it is given.
   * @param instance names the group of handlers that have none: while two connections overlap, one of them gets each
   *   message.
   */
  constructor(
    private readonly nc: Subscriber,
    private readonly bind: (connection: Subscriber) => void,
    private readonly instance: string,
  ) {}

  /** The session that `message` came in on. */
  static of(message: object): ServerSession | undefined {
    return sessions.get(message);
  }

  get pending(): number {
    return this.#work.size;
  }

  start(): void {
    this.bind({
      subscribe: (subject, { queue, callback }) => {
        const subscription = this.nc.subscribe(subject, {
          // A group of its own for each subject: the server hands a message to one member of a group, also when the
          // subjects of several members match it, as those of 'orders.*' and 'orders.>' do.
          queue: queue ?? `${this.instance}.${subject}`,
          callback: (error, message) => this.#handle(callback, error, message),
        });
        this.#subscriptions.push(subscription);
        return subscription;
      },
    });
  }

  async drain(): Promise<void> {
    await Promise.all(this.#subscriptions.map((subscription) => subscription.drain()));
  }

  idle(): Promise<void> {
    return this.#work.size === 0 ? Promise.resolve() : new Promise((resolve) => (this.#becomeIdle = resolve));
  }

  /** The message has a reply that outlasts its handler: `replied()` ends the work on it. */
  replying(message: object): void {
    this.#replying.add(message);
  }

  /** The last packet of a reply is on its way. */
  replied(message: object): void {
    if (this.#work.delete(message) && this.#work.size === 0) this.#becomeIdle();
  }

  #handle(callback: Callback, error: unknown, message: NatsMessage): void {
    if (error) return void callback(error, message);
    this.#work.add(message);
    sessions.set(message, this);
    void Promise.resolve(callback(error, message)).finally(() => {
      if (!this.#replying.has(message)) this.replied(message);
    });
  }
}
