/**
 * The part of a nats.js connection that both drivers have and this package uses; `unwrap()` gives the driver's own type.
 */
export interface NatsConnection {
  publish(subject: string, data: Uint8Array | string, options?: { reply?: string; headers?: unknown }): void;
  subscribe(
    subject: string,
    options: { queue?: string; callback: (error: unknown, message: NatsMessage) => unknown },
  ): NatsSubscription;
  flush(): Promise<void>;
  status(): AsyncIterable<unknown>;
}

export interface NatsSubscription {
  unsubscribe(): void;
  drain(): Promise<void>;
}

export interface NatsMessage {
  readonly subject: string;
  /** Where a reply is waited for. */
  readonly reply?: string;
  readonly headers?: { readonly code: number };
  respond(data?: Uint8Array | string, options?: { reply?: string; headers?: unknown }): boolean;
}
