import type { DriverName } from '../../../libs/connection/index.js';
import type { MintedUser } from '../../../test/support/operator-mode.js';

/** What the workload needs of a nats.js package, said alike for both. */
export interface JetStreamDriver {
  readonly name: DriverName;
  /** @param newest gives what each dial presents. */
  connect(options: PlainOptions, newest: () => MintedUser): Promise<Connection>;
  /** What an application calls on `nc`, and on nothing else. */
  clientOf(nc: Connection): JetStreamClient;
  /** What makes streams, consumers, buckets and stores. */
  adminOf(nc: Connection): Promise<JetStreamAdmin>;
}

/** Options of the driver's own `connect()`. */
export interface PlainOptions {
  readonly servers: string[];
  readonly name: string;
  /** Extra dial options, as the driver names them. */
  readonly reconnectTimeWait?: number;
  readonly reconnectJitter?: number;
}

/** The part of a nats.js connection that both drivers have and the workload uses. */
export interface Connection {
  publish(subject: string, data?: string): void;
  subscribe(subject: string, options?: { readonly queue?: string }): CoreSubscription;
  request(subject: string, data: string, options: { readonly timeout: number }): Promise<CoreMessage>;
  flush(): Promise<void>;
  status(): AsyncIterable<{ readonly type: string }>;
  reconnect(): Promise<void>;
  close(): Promise<void>;
  isClosed(): boolean;
}

export interface CoreSubscription extends AsyncIterable<CoreMessage> {
  unsubscribe(): void;
}

export interface CoreMessage {
  respond(data?: string): boolean;
  string(): string;
}

export interface JetStreamClient {
  publish(subject: string, data: string, options: { msgID: string; timeout: number }): Promise<unknown>;
  /** Pulls from a durable consumer. */
  consume(stream: string, durable: string): Promise<Deliveries>;
  consumeInOrder(stream: string): Promise<Deliveries>;
  bucket(name: string): Promise<Bucket>;
  store(name: string): Promise<Store>;
  /** A service of the NATS services framework with one endpoint. */
  addService(name: string, subject: string): Promise<RunningService>;
}

export interface Deliveries extends AsyncIterable<Delivery> {
  close(): Promise<unknown>;
}

export interface Delivery {
  readonly seq: number;
  readonly redelivered: boolean;
  readonly info: { readonly timestampNanos: number };
  string(): string;
  ack(): void;
}

export interface Bucket {
  /** @returns the revision. */
  put(key: string, value: string): Promise<number>;
  get(key: string): Promise<Entry | null>;
  watch(): Promise<Watch>;
}

export interface Entry {
  readonly revision: number;
  string(): string;
}

export interface Watch extends AsyncIterable<Entry> {
  stop(): void;
}

export interface Store {
  putBlob(meta: { name: string }, data: Uint8Array): Promise<unknown>;
  /** Rejects when the digest is not that of the contents. */
  getBlob(name: string): Promise<Uint8Array | null>;
  delete(name: string): Promise<unknown>;
}

export interface RunningService {
  /** Does not end when the service stops. */
  readonly requests: AsyncIterable<CoreMessage>;
  /** Settles when the service has stopped. */
  readonly stopped: Promise<unknown>;
  stop(): Promise<unknown>;
}

export interface JetStreamAdmin {
  addStream(name: string, subject: string, replicas: number): Promise<void>;
  addConsumer(stream: string, durable: string, options: { ackWaitMs: number }): Promise<void>;
  /** How many messages a consumer has not delivered, and how many it waits for the acks of. */
  leftOf(stream: string, durable: string): Promise<{ readonly pending: number; readonly unacked: number }>;
  /** @param history how many values of a key it keeps. */
  addBucket(name: string, history: number, replicas: number): Promise<void>;
  addStore(name: string, replicas: number): Promise<void>;
}

/** More acks than the slowest handlers ever owe at a time. */
export const MOST_UNACKED = 10_000;
/** The server remembers message ids for this long, in ms. */
export const DUPLICATES_WITHIN_MS = 120_000;
