/**
 * The part of a nats.js connection that both drivers have and this package uses; `unwrap()` gives the driver's own type.
 * @public
 */
export interface NatsConnection {
  /** Sends a message; nothing is waited for. */
  publish(subject: string, data: Uint8Array | string, options?: { reply?: string; headers?: unknown }): void;
  /** Hears a subject, alone or as one of a queue group. */
  subscribe(
    subject: string,
    options: { queue?: string; callback: (error: unknown, message: NatsMessage) => unknown },
  ): NatsSubscription;
  /** A round trip: resolves when the server has what was sent before. */
  flush(): Promise<void>;
  /** What happens to the connection, as nats.js tells it. */
  status(): AsyncIterable<unknown>;
}

/**
 * A subscription of {@link NatsConnection}.
 * @public
 */
export interface NatsSubscription {
  /** Ends it at once; what is under way is dropped. */
  unsubscribe(): void;
  /** Ends it when what is under way was heard. */
  drain(): Promise<void>;
}

/**
 * A message that a subscription of {@link NatsConnection} hears.
 * @public
 */
export interface NatsMessage {
  /** What it was sent to. */
  readonly subject: string;
  /** Where a reply is waited for. */
  readonly reply?: string;
  /** What it says. */
  readonly data?: Uint8Array;
  /** Absent where it has none. */
  readonly headers?: NatsHeaders;
  /** Answers it; `false` when no reply is waited for. */
  respond(data?: Uint8Array | string, options?: { reply?: string; headers?: unknown }): boolean;
}

/**
 * The headers of a {@link NatsMessage}.
 * @public
 */
export interface NatsHeaders {
  /** 503 when the server says that nobody hears a request. */
  readonly code: number;
  /** The value of a header; an empty string if it is absent. */
  get(header: string): string;
}
