import type { DeniedOperation, ServerError } from '../dialling/server-error.js';

/** What the connection under a session tells it. */
export interface SessionEvents {
  /**
   * The server has accepted the connection again. It counts as connected once the promise is fulfilled, or at once without
   * one.
   */
  connected?(): Promise<void> | undefined;
  /** It counts as connected from now on. */
  serves?(): void;
  /** The connection is gone; it is being dialled again. */
  disconnected?(): void;
  /** The connection is closed for good: nothing arrives on it any more. */
  closed?(): void;
  /** The server refused a publish or a subscription. */
  permissionDenied?(operation: DeniedOperation, subject: string): void;
  /** The server sent another -ERR, which means `said`; the text holds no secret. */
  serverError?(message: string, said: ServerError): void;
}

/** What a role does on one connection: its subscriptions, and the work that must end before the connection may close. */
export interface Session extends SessionEvents {
  /** Others send to its subscriptions: it serves only once the servers have them. */
  readonly needsInterest: boolean;
  /**
   * Whether a handler is subscribed to `subject`: that the server refused it matters for as long as the connection lives, unlike
   * what comes and goes with requests. Default: what is refused right after `start()` or a reconnect matters.
   */
  hears?(subject: string): boolean;
  /** Puts the subscriptions on the connection. */
  start(): void;
  /** Takes no new work any more; what the server has sent already is still handled. */
  drain(): Promise<void>;
  /** Resolves when no work is left. */
  idle(): Promise<void>;
  /** Resolves when a short loss of the connection would cost the least, while nothing new is handed to it. */
  rest(): Promise<void>;
  /**
   * Gives up the work that is left: the connection is about to be closed.
   * @returns whether it said so to somebody, on the connection.
   */
  cutOff?(): boolean;
  /** How many pieces of work are under way. */
  readonly pending: number;
}
