import { ownSubscription } from '../../../../libs/connection/index.js';
import { asError } from '../../../../libs/base/index.js';
import type { NatsConnection, NatsSubscription } from '../../../module/nats-connection.js';
import { randomToken } from './random-token.js';
import { deliver, fail, type PendingRequest, type ReplyInbox } from './reply-inbox.js';

/**
 * One inbox for all requests of a connection: a wildcard subscription, with a token for each request. Whoever answers one
 * request learns the inbox, and can guess the token of no other.
 */
export class SharedInbox implements ReplyInbox {
  readonly #inbox: string;
  /** By token: the part of a reply subject that differs is hashed in half the time. */
  readonly #requests = new Map<string, PendingRequest>();
  #subscription?: NatsSubscription;

  constructor(
    private readonly nc: Pick<NatsConnection, 'subscribe'>,
    prefix: string,
  ) {
    this.#inbox = `${prefix}.${randomToken()}.`;
  }

  get pending(): number {
    return this.#requests.size;
  }

  requests(): PendingRequest[] {
    return [...this.#requests.values()];
  }

  get isOpen(): boolean {
    return this.#subscription !== undefined;
  }

  open(): void {
    this.#subscription = ownSubscription(
      this.nc.subscribe(`${this.#inbox}*`, {
        callback: (error, message) => {
          if (error) return this.#refused(asError(error));
          const request = this.#requests.get(this.#tokenOf(message.subject));
          if (request) deliver(request, message);
        },
      }),
    );
  }

  reopen(): void {
    if (!this.#subscription) this.open();
  }

  refused(): void {
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
  }

  isOf(subject: string): boolean {
    return subject === `${this.#inbox}*`;
  }

  add(request: PendingRequest): string {
    if (!this.#subscription) this.open();
    const token = randomToken();
    this.#requests.set(token, request);
    return this.#inbox + token;
  }

  remove(replyTo: string): boolean {
    return this.#requests.delete(this.#tokenOf(replyTo));
  }

  #tokenOf(replyTo: string): string {
    return replyTo.slice(this.#inbox.length);
  }

  /** nats.js has dropped the subscription; the next request tries anew, as it may be allowed by then. */
  #refused(error: Error): void {
    this.#subscription = undefined;
    for (const request of this.requests()) fail(request, error);
  }
}
