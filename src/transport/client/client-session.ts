import { randomFillSync } from 'node:crypto';

import { DisconnectedError, PublishRefusedError, type Session } from '../../../libs/connection/index.js';
import { asError } from '../../../libs/credentials/index.js';
import type { NatsConnection } from '../../module/nats-connection.js';

/** Hears the replies to one request, or why there will be none. */
export type ReplyHandler = (error: Error | null, message: object) => Promise<unknown>;

interface PendingRequest {
  readonly subject: string;
  readonly onReply: ReplyHandler;
}

interface UnconfirmedEvent {
  readonly subject: string;
  readonly reject: (error: Error) => void;
}

/**
 * Requests and events of a client on one connection. All requests share one reply inbox: a wildcard subscription, with
 * a token for each request that other clients cannot guess.
 */
export class ClientSession implements Session {
  readonly #inbox: string;
  readonly #requests = new Map<string, PendingRequest>();
  readonly #unconfirmed = new Set<UnconfirmedEvent>();
  #confirmation?: Promise<void>;
  #connected = true;
  #subscribed = false;
  #becomeIdle = () => {};

  constructor(
    private readonly nc: NatsConnection,
    inboxPrefix = '_INBOX',
  ) {
    this.#inbox = `${inboxPrefix}.${randomToken()}`;
  }

  get pending(): number {
    return this.#requests.size + this.#unconfirmed.size;
  }

  start(): void {
    const tokenAt = this.#inbox.length + 1;
    this.#subscribed = true;
    this.nc.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (error) return this.#inboxRefused(asError(error));
        const request = this.#requests.get(message.subject.slice(tokenAt));
        // A reply that cannot be deserialized: a rejection that nobody handles would end the process.
        request?.onReply(null, message).catch((failure: unknown) => request.onReply(asError(failure), {}));
      },
    });
  }

  /** Publishes a request; the returned function forgets it. */
  request(subject: string, data: Uint8Array | string, headers: unknown, onReply: ReplyHandler): () => void {
    if (!this.#subscribed) this.start();
    const token = randomToken();
    const request = { subject, onReply };
    this.#requests.set(token, request);
    try {
      this.nc.publish(subject, data, { reply: `${this.#inbox}.${token}`, headers });
    } catch (error) {
      this.#forget(token);
      throw error;
    }
    queueMicrotask(() => this.#assertHandedOver(request));
    return () => this.#forget(token);
  }

  /** Publishes an event; resolves when the server has it. */
  async emit(subject: string, data: Uint8Array | string, headers: unknown): Promise<void> {
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

  /** Nothing new comes to a connection that is no longer current; what it has published goes out first. */
  drain(): Promise<void> {
    return this.nc.flush();
  }

  idle(): Promise<void> {
    return this.pending === 0 ? Promise.resolve() : new Promise((resolve) => (this.#becomeIdle = resolve));
  }

  /** Replies to what the server has can still come after a reconnect; events that it may not have are failed. */
  disconnected(): void {
    this.#connected = false;
    for (const { subject, reject } of [...this.#unconfirmed]) reject(lost(subject));
  }

  connected(): void {
    this.#connected = true;
  }

  permissionDenied(operation: 'publish' | 'subscription', subject: string): void {
    if (operation !== 'publish') return;
    const error = new PublishRefusedError(subject);
    for (const request of [...this.#requests.values()]) {
      if (request.subject === subject) void request.onReply(error, {});
    }
    for (const event of [...this.#unconfirmed]) {
      if (event.subject === subject) event.reject(error);
    }
  }

  /** Fails everything that is waiting. */
  close(error: Error): void {
    this.#failRequests(error);
    for (const { reject } of [...this.#unconfirmed]) reject(error);
  }

  /** nats.js has dropped the subscription; the next request tries anew, as it may be allowed by then. */
  #inboxRefused(error: Error): void {
    this.#subscribed = false;
    this.#failRequests(error);
  }

  #failRequests(error: Error): void {
    for (const request of [...this.#requests.values()]) void request.onReply(error, {});
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
    if (!this.#connected) void request.onReply(lost(request.subject), {});
  }

  #forget(token: string): void {
    if (this.#requests.delete(token)) this.#checkIdle();
  }

  #checkIdle(): void {
    if (this.pending === 0) this.#becomeIdle();
  }
}

function lost(subject: string): DisconnectedError {
  return new DisconnectedError(
    `The connection was lost before the NATS server confirmed the message to '${subject}'.`,
  );
}

const TOKEN_BYTES = 12;
const pool = Buffer.alloc(TOKEN_BYTES * 512);
let used = pool.length;

/** 96 random bits as text; the pool saves a call for each. */
function randomToken(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += TOKEN_BYTES;
  return pool.toString('base64url', used - TOKEN_BYTES, used);
}
