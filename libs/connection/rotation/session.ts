import type { DeniedOperation, ServerError } from '../dialling/server-error.js';

/** The callbacks with which a connection notifies its session. */
export interface SessionEvents {
  /**
   * The server has accepted the connection again. It counts as connected once the returned promise is fulfilled, or at once
   * if there is none.
   */
  connected?(): Promise<void> | undefined;
  /** The connection counts as connected from now on. */
  serves?(): void;
  /** The connection is gone; it is being dialled again. */
  disconnected?(): void;
  /** The connection is closed for good: nothing arrives on it any more. */
  closed?(): void;
  /** The server refused a publish or a subscription. */
  permissionDenied?(operation: DeniedOperation, subject: string): void;
  /** The server sent any other -ERR; `said` is its meaning, and `message` holds no secret. */
  serverError?(message: string, said: ServerError): void;
}

/** The work of a role on one connection: its subscriptions, and whatever must finish before the connection may close. */
export interface Session extends SessionEvents {
  /** Whether other clients send to its subscriptions, so that it serves only once the servers know them. */
  readonly needsInterest: boolean;
  /**
   * Whether a handler is subscribed to `subject`: a refusal of such a subscription matters for as long as the connection
   * lives, unlike one that belongs to a single request. Default: refusals right after `start()` or a reconnect matter.
   */
  hears?(subject: string): boolean;
  /** Subscribes on the connection. */
  start(): void;
  /** Unsubscribes, so that no new work arrives; messages that the server has sent already are still handled. */
  drain(): Promise<void>;
  /** Resolves when no work is pending. */
  idle(): Promise<void>;
  /** Resolves when a short interruption would do the least harm; no new calls are sent on the connection meanwhile. */
  rest(): Promise<void>;
  /**
   * Abandons the pending work: the connection is about to be closed.
   * @returns whether it sent an error to a caller on this connection.
   */
  cutOff?(): boolean;
  /** The number of handlers and replies that are pending. */
  readonly pending: number;
}
