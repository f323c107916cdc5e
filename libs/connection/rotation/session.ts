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
  /**
   * The server refused a publish or a subscription; `known`: it has refused that before.
   * @returns `ours` if nats.js, and those who listen to its status, need not hear of it.
   */
  permissionDenied?(operation: DeniedOperation, subject: string, known?: boolean): 'ours' | undefined;
  /**
   * The server sent any other -ERR; `said` is its meaning, and `message` holds no secret.
   * @returns `ours` as above.
   */
  serverError?(message: string, said: ServerError): 'ours' | undefined;
}

/** The work of a role on one connection: its subscriptions, and whatever must finish before the connection may close. */
export interface Session extends SessionEvents {
  /** Whether other clients send to its subscriptions, so that it serves only once the servers know them. */
  readonly needsInterest: boolean;
  /**
   * The name under which a refusal of the subscription to `subject` is told, if it matters to the role for as long as the
   * connection lives. Default: the subject, right after `start()` or a reconnect.
   */
  toldAs?(subject: string): string | undefined;
  /** Whether anybody misses what is refused. Default: true. */
  readonly suffers?: boolean;
  /**
   * Sends the subscriptions to these subjects again, as `toldAs()` names them, and as many of the last ones: a server
   * refuses what exceeds its limit, and does not name it.
   */
  subscribeAgain?(subjects: ReadonlySet<string>, last: number): void;
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
