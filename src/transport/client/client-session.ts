import {
  assertPublishable,
  DisconnectedError,
  PublishRefusedError,
  type Session,
} from '../../../libs/connection/index.js';
import type { NatsConnection } from '../../module/nats-connection.js';
import { fail, type PendingRequest, type ReplyHandler, type ReplyInbox } from './inbox/index.js';

interface UnconfirmedEvent {
  readonly subject: string;
  readonly reject: (error: Error) => void;
}

const now = Promise.resolve();

/** Requests and events of a client on one connection. */
export class ClientSession implements Session {
  /** Whoever answers hears of the inbox with the request. */
  readonly needsInterest = false;
  readonly #unconfirmed = new Set<UnconfirmedEvent>();
  #confirmation?: Promise<void>;
  #connected = true;
  readonly #waiting: (() => void)[] = [];

  constructor(
    private readonly nc: NatsConnection,
    private readonly inbox: ReplyInbox,
  ) {}

  get pending(): number {
    return this.inbox.pending + this.#unconfirmed.size;
  }

  start(): void {
    this.inbox.open();
  }

  /**
   * Publishes a request; the returned function forgets it.
   * @throws {@link SubjectInvalidError}
   */
  request(subject: string, data: Uint8Array, headers: unknown, onReply: ReplyHandler): () => void {
    const request = { subject, onReply };
    const reply = this.inbox.add(request);
    try {
      assertPublishable(subject, reply);
      this.nc.publish(subject, data, { reply, headers });
    } catch (error) {
      this.#forget(reply);
      throw error;
    }
    // Not queueMicrotask(), which makes an asynchronous resource each time.
    void now.then(() => this.#assertHandedOver(request));
    return () => this.#forget(reply);
  }

  /**
   * Publishes an event; resolves when the server has it.
   * @throws {@link SubjectInvalidError}
   */
  async emit(subject: string, data: Uint8Array, headers: unknown): Promise<void> {
    assertPublishable(subject);
    await new Promise<void>((resolve, reject) => {
      this.nc.publish(subject, data, { headers });
      const event = { subject, reject };
      this.#unconfirmed.add(event);
      this.#confirm()
        .then(resolve, reject)
        .finally(() => {
          this.#unconfirmed.delete(event);
          this.#checkIdle();
        });
    });
  }

  /**
   * Nothing new comes to a connection that is no longer current; what it has published goes out first. On one that is lost
   * nothing goes out, and a flush would wait for a dial.
   */
  drain(): Promise<void> {
    return this.#connected ? this.nc.flush() : now;
  }

  idle(): Promise<void> {
    return this.pending === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The replies are in, and the server has the events. */
  rest(): Promise<void> {
    return this.idle();
  }

  /** Replies to what the server has can still come after a reconnect; events that it may not have are failed. */
  disconnected(): void {
    this.#connected = false;
    for (const { subject, reject } of [...this.#unconfirmed]) reject(lost(subject));
  }

  connected(): undefined {
    this.#connected = true;
  }

  /** Replies to this connection's inbox go nowhere now, and nobody else would tell those who wait for them. */
  closed(): void {
    this.close(new DisconnectedError('The connection was closed before a reply or a confirmation came.'));
  }

  permissionDenied(operation: 'publish' | 'subscription', subject: string): void {
    if (operation !== 'publish') return;
    const error = new PublishRefusedError(subject);
    for (const request of this.inbox.requests()) {
      if (request.subject === subject) fail(request, error);
    }
    for (const event of [...this.#unconfirmed]) {
      if (event.subject === subject) event.reject(error);
    }
  }

  /** Fails everything that is waiting. */
  close(error: Error): void {
    for (const request of this.inbox.requests()) fail(request, error);
    for (const { reject } of [...this.#unconfirmed]) reject(error);
  }

  /** One PING for all events of one turn of the event loop: its PONG says that the server has read them. */
  #confirm(): Promise<void> {
    this.#confirmation ??= Promise.resolve().then(() => {
      this.#confirmation = undefined;
      return this.nc.flush();
    });
    return this.#confirmation;
  }

  /**
   * nats.js writes what was published in a microtask of its own, which has run by now, and drops what it has not
   * written when it dials again.
   */
  #assertHandedOver(request: PendingRequest): void {
    if (!this.#connected) fail(request, lost(request.subject));
  }

  #forget(replyTo: string): void {
    if (this.inbox.remove(replyTo)) this.#checkIdle();
  }

  #checkIdle(): void {
    if (this.pending > 0 || this.#waiting.length === 0) return;
    for (const becameIdle of this.#waiting.splice(0)) becameIdle();
  }
}

function lost(subject: string): DisconnectedError {
  return new DisconnectedError(
    `The connection was lost before the NATS server confirmed the message to '${subject}'.`,
  );
}
