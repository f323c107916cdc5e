/**
 * The parts of nats.js that this package builds on, as both drivers have them. They are internals: nothing outside
 * this folder's neighbours may rely on them, and each driver is checked for them when it is loaded.
 */
export interface ProtocolHandlerInternals {
  readonly connected: boolean;
  readonly infoReceived: boolean;
  readonly servers: ServerPoolInternals;
  readonly subscriptions: SubscriptionsInternals;
  readonly closed: Promise<Error | undefined>;
  /** Set while `CONNECT` is unanswered: rejects the dial. */
  readonly connectError?: (error?: Error) => void;
  /** What the server said of itself last; absent until it has, in each dial. */
  readonly info?: InfoInternals;
  /** What was published and not yet handed to the transport; each dial forgets it. */
  readonly outbound: OutputBuffer;
  /** Absent until the first dial. */
  transport?: TransportInternals;
  /** Reads what the server sends; made anew for each dial. */
  readonly parser: { parse(bytes: Uint8Array): void };
  /** Hear of each change, and end when it is closed. */
  listeners: StatusListener[];
  /** Makes the dial loop end with the last error. */
  abortReconnect: boolean;
  /** What the server said last, also when that was before the connection was established. */
  lastError?: Error;
  /** The requests that wait for a reply. */
  readonly muxSubscriptions: RequestsInternals;
  /** What the server can do. */
  readonly features: object;
  outMsgs: number;
  outBytes: number;

  /** Makes the transport of a dial; the promise rejects when the dial fails, and resolves on the first PONG. */
  prepare(): Promise<void>;
  /** Resolves the name of a server and dials its addresses until one accepts. */
  _doDial(server: NamedServerInternals): Promise<void>;
  /** Dials one address and resolves when the server has accepted `CONNECT`. */
  dial(server: ServerInternals): Promise<void>;
  /** Dials servers until one accepts or none is left. */
  dialLoop(): Promise<void>;
  /** Runs when the transport has closed; dials again if the options say so. */
  disconnected(error?: Error): Promise<void>;
  /** Puts a message into the output. */
  publish(subject: string, payload?: Uint8Array | string, options?: PublishInternals): void;
  /** Hands the output over to the transport, if there is one that is connected. */
  flushPending(): void;
  /** Puts SUB into the output. */
  _sub(subscription: SubscriptionInternals): void;
  /** Puts UNSUB into the output; the subscription stays until it is cancelled. */
  unsub(subscription: SubscriptionInternals, max?: number): void;
  /** Moves a subscription to another subject. */
  resub(subscription: SubscriptionInternals, subject: string): void;
  /** Hands a message to its subscription. */
  processMsg(message: MessageInternals, data: Uint8Array): void;
  /** Tells those who follow `status()`. */
  dispatchStatus(status: object): void;
  getServer(): ServerInternals | undefined;
  /** Tells a server that has just accepted `CONNECT` of all subscriptions; the output is handed over next. */
  sendSubscriptions(): void;
  /** Handles INFO; the first of a dial is answered with `CONNECT`. */
  processInfo(payload: Uint8Array): void;
  /** Handles -ERR. */
  processError(payload: Uint8Array): void;
  /** Messages that have arrived since it was made. */
  readonly inMsgs: number;
  /** Sends a PING and resolves on its PONG; rejects when the connection is lost. */
  flush(pong?: Promise<void>): Promise<void>;
  /** Drops the transport of a connection that the server does not answer on, so that the dial loop starts again. */
  disconnect(): void;
  /** Drops the transport, so that the dial loop starts again. */
  reconnect(): Promise<void>;
  isClosed(): boolean;
  close(error?: Error): Promise<void>;
  /** What `close()` calls in `nats` 2.x; absent in 3.x. */
  _close(error?: Error): Promise<void>;
}

/** The subscriptions of a connection. */
export interface SubscriptionsInternals {
  all(): SubscriptionInternals[];
  get(sid: number): SubscriptionInternals | undefined;
  /** Gives a subscription another id. */
  resub(subscription: SubscriptionInternals): void;
  /** The one that all requests share; null before the first request. */
  getMux(): SubscriptionInternals | null;
}

export interface SubscriptionInternals {
  subject: string;
  readonly queue?: string;
  readonly sid: number;
  /** The number of messages that it has got. */
  readonly received: number;
  /** It ends with as many messages. */
  max?: number;
  /** It ends when what is on its way to it has arrived. */
  readonly draining: boolean;
  /** What was asked, on one that waits for the reply to a request. */
  readonly requestSubject?: string;
  unsubscribe(max?: number): void;
}

/** The requests that share one subscription. */
export interface RequestsInternals {
  all(): readonly object[];
}

/** The first line of a message, as the parser reads it. */
export interface MessageInternals {
  readonly subject: Uint8Array;
  readonly reply?: Uint8Array;
  readonly sid: number;
  readonly hdr: number;
  readonly size: number;
}

/** A message as its subscription gets it. */
export interface ReceivedInternals {
  readonly _msg: MessageInternals;
  /** Headers and payload. */
  readonly _rdata: Uint8Array;
}

/** The options of a publish. */
export interface PublishInternals {
  readonly reply?: string;
  readonly headers?: object;
}

/** What is read of INFO: whatever is behind an address has written it. */
export interface InfoInternals {
  readonly server_id?: unknown;
  readonly server_name?: unknown;
  readonly nonce?: string;
  readonly max_payload?: number;
  /** The server has announced that it will end. */
  readonly ldm?: boolean;
}

/** Bytes that are to be sent. */
export interface OutputBuffer {
  size(): number;
  fill(bytes: Uint8Array): void;
  /** Takes everything out. */
  drain(): Uint8Array;
  reset(): void;
}

export interface TransportInternals {
  connect(server: ServerInternals, options: object): Promise<void>;
  close(error?: Error): Promise<void>;
  /** Resolves, with its error if it had one, when an opened transport has closed. */
  closed(): Promise<Error | undefined>;
  /** Whether the socket is one of TLS. */
  isEncrypted(): boolean;
  /** Forgets the socket; not every version destroys it. */
  discard(): void;
  /** Set once it is connected. */
  readonly socket?: SocketInternals;
}

/** What is used of a `net.Socket`. */
export interface SocketInternals {
  readonly destroyed: boolean;
  cork(): void;
  uncork(): void;
  destroy(): void;
}

/** The servers of the options and those that the cluster told of. */
export interface ServerPoolInternals {
  getServers(): ServerInternals[];
  addServer(address: string): void;
  /** @param server one that is in the pool; of another, nats.js removes the last. */
  removeServer(server: ServerInternals): void;
}

/** An address to dial; `toString()` is its `host:port`. */
export interface ServerInternals {
  /** The cluster told of it. */
  gossiped: boolean;
  toString(): string;
}

/** A server of the pool, whose name may have several addresses. */
export interface NamedServerInternals extends ServerInternals {
  /** Its addresses; itself when it is one. */
  resolve(how: ResolveOptions): Promise<readonly ServerInternals[]>;
}

export interface ResolveOptions {
  /** Gives the addresses of a name. */
  readonly fn: (name: string) => Promise<readonly string[]>;
  readonly randomize: boolean;
  /** Whether names are looked up before the dial; `false` leaves it to the dial. */
  readonly resolve?: boolean;
  readonly debug?: boolean;
}

export type ProtocolHandlerConstructor = new (
  options: object,
  publisher: NatsConnectionInternals,
) => ProtocolHandlerInternals;

export interface NatsConnectionInternals {
  readonly options: object;
  protocol: ProtocolHandlerInternals;
  subscribe(
    subject: string,
    options: {
      queue?: string;
      max?: number;
      callback: (error: Error | null, message: ReceivedInternals) => void;
    },
  ): SubscriptionInternals;
  flush(): Promise<void>;
  /** Who follows `status()` in `nats` 2.x; absent in 3.x, where the protocol handler has them. */
  readonly listeners?: StatusListener[];
}

/** One `status()` of nats.js. */
export interface StatusListener {
  push(status: object): void;
  stop(): void;
}

/** Signs nonces with a seed. */
export interface KeyPair {
  getPublicKey(): string;
  sign(nonce: Uint8Array): Uint8Array;
}
