/** What the connection under a session tells it. */
export interface SessionEvents {
  /** The connection is there again. */
  connected?(): void;
  /** The connection is gone; it is being dialled again. */
  disconnected?(): void;
  /** The connection is closed for good: nothing arrives on it any more. */
  closed?(): void;
  /** The server refused a publish or a subscription. */
  permissionDenied?(operation: 'publish' | 'subscription', subject: string): void;
}

/** What a role does on one connection: its subscriptions, and the work that must end before the connection may close. */
export interface Session extends SessionEvents {
  /** Puts the subscriptions on the connection. */
  start(): void;
  /** Takes no new work any more; what the server has sent already is still handled. */
  drain(): Promise<void>;
  /** Resolves when no work is left. */
  idle(): Promise<void>;
  /** How many pieces of work are under way. */
  readonly pending: number;
}
