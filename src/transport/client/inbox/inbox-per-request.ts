import { ownSubscription } from '../../../../libs/connection/index.js';
import { asError } from '../../../../libs/base/index.js';
import type { NatsConnection, NatsSubscription } from '../../../module/nats-connection.js';
import { randomToken } from './random-token.js';
import { deliver, fail, type PendingRequest, type ReplyInbox } from './reply-inbox.js';

interface Subscribed {
  readonly request: PendingRequest;
  readonly subscription: NatsSubscription;
}

/**
 * A subscription for each request, as the stock client has it: for peers whose permissions allow no wildcard below the
 * prefix, or that count on reply subjects of its form.
 */
export class InboxPerRequest implements ReplyInbox {
  /** By reply subject. */
  readonly #subscribed = new Map<string, Subscribed>();
  /** The subject with which it was last found out whether the server allows an inbox. */
  #probe?: string;

  constructor(
    private readonly nc: Pick<NatsConnection, 'subscribe'>,
    private readonly prefix: string,
  ) {}

  get pending(): number {
    return this.#subscribed.size;
  }

  requests(): PendingRequest[] {
    return [...this.#subscribed.values()].map(({ request }) => request);
  }

  get isOpen(): boolean {
    return true;
  }

  open(): void {
    // Nothing is shared.
  }

  reopen(): void {
    this.#probe = `${this.prefix}.${randomToken()}`;
    ownSubscription(this.nc.subscribe(this.#probe, { callback: () => {} })).unsubscribe();
  }

  refused(): void {
    // Nothing is kept.
  }

  isOf(subject: string): boolean {
    return this.#subscribed.has(subject) || subject === this.#probe;
  }

  add(request: PendingRequest): string {
    const replyTo = `${this.prefix}.${randomToken()}`;
    const subscription = ownSubscription(
      this.nc.subscribe(replyTo, {
        callback: (error, message) => {
          if (error) fail(request, asError(error));
          else deliver(request, message);
        },
      }),
    );
    this.#subscribed.set(replyTo, { request, subscription });
    return replyTo;
  }

  remove(replyTo: string): boolean {
    this.#subscribed.get(replyTo)?.subscription.unsubscribe();
    return this.#subscribed.delete(replyTo);
  }
}
