import {
  assertPublishable,
  DisconnectedError,
  PublishRefusedError,
  type ServerError,
  type Session,
} from '../../../libs/connection/index.js';
import { asError, type Clock, systemClock } from '../../../libs/base/index.js';
import type { NatsConnection } from '../../module/nats-connection.js';
import { fail, type PendingRequest, type ReplyHandler, type ReplyInbox } from './inbox/index.js';

interface UnconfirmedEvent {
  readonly subject: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Options and callbacks of a session. */
export interface ClientSessionSettings {
  /** How long requests may still be answered after the connection was lost, in ms; `false`: for as long as it takes. */
  readonly replyAfterLoss: number | false;
  /** What replies are sent to begins with this. Default: `_INBOX`. */
  readonly inboxPrefix?: string;
  /** Whether requests have been sent, and not only events: those need no inbox. Default: they have. */
  readonly wantsReplies?: () => boolean;
  /** The connection is gone. */
  readonly onLost?: () => void;
  /** A caller gave up on a request that got no answer: the server may be gone. */
  readonly onUnanswered?: () => void;
  /** The connection is there again. */
  readonly onServes?: () => void;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
}

const now = Promise.resolve();

/** Requests and events of a client on one connection. */
export class ClientSession implements Session {
  /** Responders learn the inbox from the request itself. */
  readonly needsInterest = false;
  readonly #unconfirmed = new Set<UnconfirmedEvent>();
  /** Those of this turn of the event loop: one PING asks whether the server has read them. */
  #ofThisTurn?: UnconfirmedEvent[];
  #connected = true;
  readonly #waiting: (() => void)[] = [];
  /** Requests of this turn, of which it is not known yet whether they are written. */
  #justPublished: PendingRequest[] = [];
  /** The server's words, when it is about to end the connection over a message. */
  #violation?: string;
  /** Each ends the wait for replies to what was under way at one loss. */
  readonly #cancels = new Set<() => void>();

  constructor(
    private readonly nc: NatsConnection,
    private readonly inbox: ReplyInbox,
    private readonly settings: ClientSessionSettings,
  ) {}

  get pending(): number {
    return this.inbox.pending + this.#unconfirmed.size;
  }

  /** A client that only emits misses no reply. */
  get suffers(): boolean {
    return this.settings.wantsReplies?.() ?? true;
  }

  start(): void {
    this.inbox.open();
  }

  /**
   * Publishes a request; the returned function forgets it.
   * @throws {@link SubjectInvalidError}
   */
  request(subject: string, data: Uint8Array, headers: unknown, onReply: ReplyHandler): () => void {
    this.#assertConnected(subject);
    const request: PendingRequest = { subject, onReply, lostWith: undefined, isHeard: false };
    const reply = this.inbox.add(request);
    try {
      assertPublishable(subject, reply);
      this.nc.publish(subject, data, { reply, headers });
    } catch (error) {
      this.#forget(reply);
      throw error;
    }
    // Not queueMicrotask(), which makes an asynchronous resource each time.
    if (this.#justPublished.push(request) === 1) void now.then(() => this.#assertHandedOver());
    return () => {
      if (this.#forget(reply) && !request.isHeard) this.settings.onUnanswered?.();
    };
  }

  /**
   * Publishes an event; resolves when the server has it.
   * @throws {@link SubjectInvalidError}
   */
  emit(subject: string, data: Uint8Array, headers: unknown): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      assertPublishable(subject);
      this.#assertConnected(subject);
      this.nc.publish(subject, data, { headers });
      this.#confirm({ subject, resolve, reject });
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

  /** Replies to what the server has can still come after a reconnect, for a while; events that it may not have are failed. */
  disconnected(): void {
    this.#connected = false;
    const { replyAfterLoss, onLost } = this.settings;
    const violation = this.#violation;
    this.#violation = undefined;
    onLost?.();
    for (const event of [...this.#unconfirmed]) this.#failEvent(event, lost(event.subject, violation));
    if (violation !== undefined) {
      for (const request of this.inbox.requests()) fail(request, lost(request.subject, violation));
    } else if (replyAfterLoss !== false) {
      this.#failLater(replyAfterLoss);
    }
  }

  serverError(message: string, { type }: ServerError): undefined {
    if (type === 'tooLong' || type === 'malformed') this.#violation = message;
  }

  connected(): Promise<void> | undefined {
    this.#connected = true;
    // nats.js subscribes again what was not refused.
    if (this.inbox.isOpen) return undefined;
    this.inbox.reopen();
    return this.nc.flush();
  }

  toldAs(subject: string): string | undefined {
    const { inboxPrefix = '_INBOX' } = this.settings;
    return this.inbox.isOf(subject) ? `${inboxPrefix}.>` : undefined;
  }

  subscribeAgain(): void {
    this.inbox.reopen();
  }

  serves(): void {
    this.settings.onServes?.();
  }

  /** Replies to the inbox of this connection cannot arrive any more: the pending requests would never settle. */
  closed(): void {
    this.settings.onLost?.();
    this.close(new DisconnectedError('The connection was closed before a reply or a confirmation came.'));
  }

  permissionDenied(
    operation: 'publish' | 'subscription',
    subject: string,
    known = false,
  ): 'ours' | undefined {
    if (operation === 'subscription') {
      // A request hears from nats.js that there will be no reply.
      if (!known || this.inbox.pending > 0 || !this.inbox.isOf(subject)) return undefined;
      this.inbox.refused();
      return 'ours';
    }
    const error = new PublishRefusedError(subject);
    for (const request of this.inbox.requests()) {
      if (request.subject === subject) fail(request, error);
    }
    for (const event of [...this.#unconfirmed]) {
      if (event.subject === subject) this.#failEvent(event, error);
    }
    return undefined;
  }

  /** Fails everything that is waiting. */
  close(error: Error): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
    for (const request of this.inbox.requests()) fail(request, error);
    for (const event of [...this.#unconfirmed]) this.#failEvent(event, error);
  }

  /** One PING for all events of one turn of the event loop: its PONG says that the server has read them. */
  #confirm(event: UnconfirmedEvent): void {
    this.#unconfirmed.add(event);
    if (this.#ofThisTurn) {
      this.#ofThisTurn.push(event);
      return;
    }
    const events = (this.#ofThisTurn = [event]);
    const flush = () => {
      this.#ofThisTurn = undefined;
      return this.nc.flush();
    };
    now.then(flush).then(
      () => {
        for (const one of events) if (this.#unconfirmed.delete(one)) one.resolve();
        this.#checkIdle();
      },
      (error: unknown) => {
        for (const one of events) this.#failEvent(one, asError(error));
      },
    );
  }

  #failEvent(event: UnconfirmedEvent, error: Error): void {
    if (!this.#unconfirmed.delete(event)) return;
    event.reject(error);
    this.#checkIdle();
  }

  /** What is published while there is no connection is sent when there is one again, also when its caller has given up. */
  #assertConnected(subject: string): void {
    if (!this.#connected) throw lost(subject);
  }

  /**
   * nats.js writes what was published in a microtask of its own, which has run by now; what it has not written is not sent after a
   * loss.
   */
  #assertHandedOver(): void {
    const requests = this.#justPublished;
    this.#justPublished = [];
    if (this.#connected) return;
    for (const request of requests) fail(request, lost(request.subject));
  }

  /** Fails all pending calls and ignores what arrives later. */
  #failLater(delayMs: number): void {
    const { clock = systemClock } = this.settings;
    const requests = this.inbox.requests();
    if (requests.length === 0) return;
    const loss = {};
    // Those that were lost before are timed from then.
    for (const request of requests) request.lostWith ??= loss;
    const cancel = clock.after(delayMs, () => {
      this.#cancels.delete(cancel);
      for (const request of this.inbox.requests()) {
        if (request.lostWith === loss) fail(request, unanswered(request.subject, delayMs));
      }
    });
    this.#cancels.add(cancel);
  }

  #forget(replyTo: string): boolean {
    const isGone = this.inbox.remove(replyTo);
    if (isGone) this.#checkIdle();
    return isGone;
  }

  #checkIdle(): void {
    if (this.pending > 0 || this.#waiting.length === 0) return;
    for (const becameIdle of this.#waiting.splice(0)) becameIdle();
  }
}

/** @param violation the server's words, if it ended the connection over a message. */
function lost(subject: string, violation?: string): DisconnectedError {
  const problem = `The connection was lost before the NATS server confirmed the message to '${subject}'.`;
  if (violation === undefined) return new DisconnectedError(problem);
  return new DisconnectedError(
    `${problem} The server ended it over one of the messages under way: '${violation}'.`,
  );
}

function unanswered(subject: string, delayMs: number): DisconnectedError {
  return new DisconnectedError(
    `The connection was lost after the message to '${subject}' was sent, and no answer came in the ${delayMs} ms since:` +
      ` it may have been handled or not. 'client.replyAfterLoss' is how long to wait.`,
  );
}
