import type { DriverQuirks } from './driver-list.js';
import type {
  KeyPair,
  NamedServerInternals,
  NatsConnectionInternals,
  OutputBuffer,
  ProtocolHandlerConstructor,
  ProtocolHandlerInternals,
  RequestsInternals,
  ServerPoolInternals,
  SubscriptionInternals,
  SubscriptionsInternals,
  TransportInternals,
} from './internals.js';

/** What is used of the modules of a driver. */
export interface CoreModule {
  readonly ProtocolHandler: ProtocolHandlerConstructor;
  readonly NatsConnectionImpl: new (options: object) => NatsConnectionInternals;
  /** Only looked at. */
  readonly SubscriptionImpl: new (
    handler: ProtocolHandlerInternals,
    subject: string,
    options: object,
  ) => SubscriptionInternals;
  readonly nkeys: { fromSeed(seed: Uint8Array): KeyPair; createUser(): KeyPair };
  setTransportFactory(factory: object): void;
}

export interface TransportModule {
  readonly NodeTransport: new () => TransportInternals;
  readonly nodeResolveHost: (host: string) => Promise<string[]>;
}

type KindOf<V> = V extends ((...args: never[]) => unknown) | (new (...args: never[]) => unknown)
  ? 'function'
  : V extends boolean
    ? 'boolean'
    : V extends number
      ? 'number'
      : V extends string
        ? 'string'
        : 'object';

/**
 * What each member must be: of this kind; `prepared`, there after `prepare()`; `quirk`, there where the driver's quirks say so; `later`, not there
 * before there is a server.
 */
type Members<T> = {
  readonly [K in keyof Required<T>]: KindOf<Required<T>[K]> | 'prepared' | 'quirk' | 'later';
};

/** Every internal that is used: one that is added to its interface must be added here to compile. */
export const MEMBERS = {
  core: {
    ProtocolHandler: 'function',
    NatsConnectionImpl: 'function',
    SubscriptionImpl: 'function',
    nkeys: 'object',
    setTransportFactory: 'function',
  } satisfies Members<CoreModule>,
  node: { NodeTransport: 'function', nodeResolveHost: 'function' } satisfies Members<TransportModule>,
  nkeys: { fromSeed: 'function', createUser: 'function' } satisfies Members<CoreModule['nkeys']>,
  keyPair: { getPublicKey: 'function', sign: 'function' } satisfies Members<KeyPair>,
  connection: {
    options: 'object',
    protocol: 'later',
    subscribe: 'function',
    flush: 'function',
    listeners: 'quirk',
  } satisfies Members<NatsConnectionInternals>,
  handler: {
    connected: 'boolean',
    infoReceived: 'boolean',
    servers: 'object',
    subscriptions: 'object',
    closed: 'object',
    connectError: 'prepared',
    info: 'later',
    outbound: 'object',
    transport: 'prepared',
    parser: 'object',
    listeners: 'object',
    abortReconnect: 'boolean',
    lastError: 'later',
    muxSubscriptions: 'object',
    features: 'object',
    outMsgs: 'number',
    outBytes: 'number',
    prepare: 'function',
    _doDial: 'function',
    dial: 'function',
    dialLoop: 'function',
    disconnected: 'function',
    publish: 'function',
    flushPending: 'function',
    _sub: 'function',
    unsub: 'function',
    resub: 'function',
    processMsg: 'function',
    dispatchStatus: 'function',
    getServer: 'function',
    sendSubscriptions: 'function',
    processInfo: 'function',
    processError: 'function',
    inMsgs: 'number',
    flush: 'function',
    disconnect: 'function',
    reconnect: 'function',
    isClosed: 'function',
    close: 'function',
    _close: 'quirk',
  } satisfies Members<ProtocolHandlerInternals>,
  servers: {
    getServers: 'function',
    addServer: 'function',
    removeServer: 'function',
  } satisfies Members<ServerPoolInternals>,
  server: {
    gossiped: 'boolean',
    toString: 'function',
    resolve: 'function',
  } satisfies Members<NamedServerInternals>,
  subscriptions: {
    all: 'function',
    get: 'function',
    resub: 'function',
    getMux: 'function',
  } satisfies Members<SubscriptionsInternals>,
  // Only the subscriptions of requests have a subject that was asked.
  subscription: {
    subject: 'string',
    queue: 'later',
    sid: 'later',
    received: 'number',
    max: 'later',
    draining: 'boolean',
    requestSubject: 'later',
    unsubscribe: 'function',
  } satisfies Members<SubscriptionInternals>,
  requests: { all: 'function' } satisfies Members<RequestsInternals>,
  outbound: {
    size: 'function',
    fill: 'function',
    drain: 'function',
    reset: 'function',
  } satisfies Members<OutputBuffer>,
  parser: { parse: 'function' } satisfies Members<ProtocolHandlerInternals['parser']>,
  transport: {
    connect: 'function',
    close: 'function',
    closed: 'function',
    isEncrypted: 'function',
    discard: 'function',
    socket: 'later',
  } satisfies Members<TransportInternals>,
} as const;

/** The members that a driver lacks, as `part.member`; makes one of each part, and opens no socket. */
export function missingMembers(core: CoreModule, node: TransportModule, { own }: DriverQuirks): string[] {
  const quirks: readonly string[] = [...own.handler, ...own.connection];
  const missing: string[] = [];
  const look = (part: keyof typeof MEMBERS, at: object, isPrepared = false) => {
    for (const [member, kind] of Object.entries<string>(MEMBERS[part])) {
      const isQuirk = kind === 'quirk' && quirks.includes(member);
      const isDue = isPrepared ? kind === 'prepared' : isQuirk || KINDS.includes(kind);
      const value: unknown = Reflect.get(at, member);
      const isThere = value !== null && (KINDS.includes(kind) ? typeof value === kind : value !== undefined);
      if (isDue && !isThere) missing.push(`${part}.${member}`);
    }
  };

  // What comes next is made with what was looked at before, so it ends where something is missing.
  look('core', core);
  look('node', node);
  if (missing.length > 0) return missing;
  look('nkeys', core.nkeys);
  if (missing.length > 0) return missing;
  const connection = new core.NatsConnectionImpl({});
  look('keyPair', core.nkeys.createUser());
  look('connection', connection);
  look('transport', new node.NodeTransport());
  if (missing.length > 0) return missing;
  const handler = new core.ProtocolHandler(connection.options, connection);
  look('handler', handler);
  if (missing.length > 0) return missing;
  look('servers', handler.servers);
  look('subscriptions', handler.subscriptions);
  look('requests', handler.muxSubscriptions);
  look('subscription', new core.SubscriptionImpl(handler, 'looked.at', { callback: () => {} }));
  look('outbound', handler.outbound);
  look('parser', handler.parser);
  if (missing.length > 0) return missing;
  for (const server of handler.servers.getServers()) look('server', server);
  core.setTransportFactory({ factory: () => new node.NodeTransport(), dnsResolveFn: node.nodeResolveHost });
  void handler.prepare();
  look('handler', handler, true);
  return missing;
}

/** The kinds of what is there from the beginning. */
const KINDS = ['function', 'object', 'boolean', 'number', 'string'];
