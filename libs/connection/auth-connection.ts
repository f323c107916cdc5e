import {
  type Clock,
  type Emitter,
  type Facts,
  inOwnContext,
  type Observer,
  type Operation,
  systemClock,
} from '../base/index.js';
import type { CredentialSource, Hold, ResolvedUserInfo, Role } from '../credentials/index.js';
import type { Sentinel } from './dialling/connect-fields.js';
import { Dialer, type Established } from './dialling/dialer.js';
import { answerWithin } from './dialling/answer-within.js';
import { awaitFirstAnswer, serverAnswers, SilentServerError } from './dialling/first-answer.js';
import { dialElsewhere, stillThere } from './dialling/leave-server.js';
import type { Driver } from './drivers/driver.js';
import type {
  NamedServerInternals,
  NatsConnectionInternals,
  ServerInternals,
  ServerPoolInternals,
  TransportInternals,
} from './drivers/internals.js';
import { connectionClosed } from './errors.js';
import type { ConnectKind, NatsAuthEvents, ReplaceTrigger, RotationTrigger } from './events.js';
import { type ConnectionOptions, DIAL_TIMEOUT_MS, driverOptions, type RejectionSettings } from './options.js';
import {
  type AuthProtocolHandlerInternals,
  createProtocolHandler,
  type DialledAddress,
  type DialPolicy,
  type Presented,
} from './dialling/protocol-handler.js';
import { SignOfLife } from './dialling/sign-of-life.js';
import { besideAddressInUse } from './dialling/address-in-use.js';
import { Outage } from './dialling/outage.js';
import { Patience } from './dialling/patience.js';
import { ReconnectPace } from './dialling/reconnect-pace.js';
import { type DeniedOperation, parseServerError } from './dialling/server-error.js';
import { identityOf, type ServerIdentity } from './dialling/server-identity.js';
import {
  type DialOrder,
  markGossiped,
  otherAddressesFirst,
  sameAddressFirst,
  settlePool,
} from './dialling/server-pool.js';
import { acceptedOf, lastServed, type Link, type LinkEvent, nextLink } from './link.js';
import { subjectsOfApplication } from './own-subscriptions.js';
import { withParsedServers } from './servers/server-list.js';
import type { SessionEvents } from './rotation/session.js';

/** The settings and collaborators of a connection. */
export interface AuthConnectionSettings {
  /** The registration's name. */
  readonly name: string;
  readonly role: Role;
  readonly driver: Driver;
  readonly source: CredentialSource;
  readonly events: Emitter<NatsAuthEvents>;
  /** Follows each connect. Default: nobody does. */
  readonly observer?: Observer;
  readonly options: ConnectionOptions;
  readonly rejection: RejectionSettings;
  readonly sentinel?: Sentinel;
  /** What the first successful connect counts as. Default: `initial`. */
  readonly kind?: ConnectKind;
  /** Emits no `connected` or `disconnected` before `takeOver()`, because it does not serve its role yet. Default: false. */
  readonly candidate?: boolean;
  /** The servers to dial until the first connect succeeds. Default: the servers in the options. */
  readonly order?: DialOrder;
  /**
   * How long an address may stay silent before the next one is tried, in ms. Applies to each address of a successor and to
   * gossiped addresses; and, as the limit to start with, to the addresses of a lost connection and of a server that has
   * several. Default: the dial timeout in the options.
   */
  readonly answerWithin?: number;
  /** The server that a successor must get away from: the addresses that it dials may lead back there. */
  readonly leaving?: ServerIdentity;
  /** Of its role, over several connections. Default: one of its own. */
  readonly outage?: Outage;
  /** Callbacks of the session that runs on this connection. */
  readonly session?: SessionEvents;
  readonly onLameDuck?: () => void;
  /**
   * Called with true when the connection, being the current one of its role, is connected, and with false when it is not any more. The
   * events `connected`, `disconnected` and `closed` report the same; nothing may depend on those.
   */
  readonly onServing?: (serving: boolean) => void;
  /** Default: the system clock. */
  readonly clock?: Clock;
  /** Numbers from 0 to 1 for jitter. Default: `Math.random`. */
  readonly random?: () => number;
}

/**
 * Whether a connection serves its role; only the current one emits `connected` and `disconnected`. A candidate becomes
 * current or is retired; the current one is retired once its successor has taken over.
 */
export type Standing = 'candidate' | 'current' | 'retired';

/**
 * A nats.js connection that presents user info from a credential source each time it connects. The nats.js connection object
 * stays the same across reconnects.
 */
export class AuthConnection {
  // `#private`, like everything here that leads to user info, so that inspect and JSON show none of it.
  readonly #settings: AuthConnectionSettings;
  readonly #closing = new AbortController();
  readonly #dialer: Dialer;
  readonly #handler: AuthProtocolHandlerInternals;
  readonly #nc: NatsConnectionInternals;
  readonly #patience: Patience;
  readonly #signOfLife: SignOfLife;
  readonly #ownOutage: Outage;
  /** Callbacks for denied subjects that this package uses internally and the application does not know. */
  readonly #ownSubjects = new Map<string, (operation: DeniedOperation) => void>();
  #link: Link = { state: 'idle' };
  #standing: Standing;
  #opening?: Promise<unknown>;
  /** Why the first connect failed: `nats` 2.x closes and does not say it. */
  #openFailed?: Error;
  /** The connect that is under way, if somebody observes it. */
  #connecting?: Operation;
  #hold?: Hold;

  /**
   * @param given settings whose options have been validated.
   * @param userInfo what the first dial presents instead of what the source provides.
   */
  constructor(given: AuthConnectionSettings, userInfo?: ResolvedUserInfo) {
    const settings = { ...given, options: withParsedServers(given.options) };
    this.#settings = settings;
    const { driver, options, order, clock = systemClock } = settings;
    const { timeout = DIAL_TIMEOUT_MS } = options;
    this.#standing = settings.candidate ? 'candidate' : 'current';
    this.#ownOutage = new Outage(clock);
    this.#patience = new Patience(settings.answerWithin ?? timeout, timeout);
    this.#dialer = this.#createDialer(userInfo);
    driver.useNodeTransport();
    const presented: Presented = { fields: {} };
    const inOrder = order && { servers: order.servers, noRandomize: true };
    this.#nc = new driver.NatsConnection(driverOptions({ ...options, ...inOrder }, () => presented.fields));
    this.#handler = createProtocolHandler(driver.ProtocolHandler, this.#policy(), presented, this.#nc);
    this.#nc.protocol = this.#handler;
    this.#signOfLife = new SignOfLife(this.#handler, clock);
    if (order) {
      markGossiped(this.#handler.servers, order);
      // The servers are in order by now; from here on this option applies to the addresses of one host name.
      Object.assign(this.#nc.options, { noRandomize: options.noRandomize ?? false });
    }
    driver.quirks.shareStatus(this.#nc, this.#handler);
    void this.#handler.closed.then((error) => this.#closed(error ?? this.#openFailed));
  }

  /** The current state of the link, and what is known about its server. */
  get link(): Link {
    return this.#link;
  }

  /** Resolves when the connection is closed for good. */
  get closed(): Promise<unknown> {
    return this.#handler.closed;
  }

  /**
   * Connects; later calls return the same promise. Resolves to the driver's `NatsConnection`.
   * @param within what it is opened for.
   * @throws {@link UserInfoUnavailableError} the provider failed `refresh.retry.maxAttempts` times.
   * @throws {@link RejectedError} the server rejected `rejection.maxOnConnect` times.
   * @throws {@link ClosedError} closed while connecting.
   */
  open<NatsConnection>(within?: Operation): Promise<NatsConnection> {
    this.#opening ??= inOwnContext(() => this.#open(within));
    return this.#opening as Promise<NatsConnection>;
  }

  /** Can be called at any time, and more than once; leaves nothing open. */
  async close(): Promise<void> {
    await this.#handler.close();
    await this.#handler.closed;
  }

  /**
   * Drops the socket and dials again at once, presenting `userInfo`, or else what the source provides. The connection counts
   * as disconnected from the start. Resolves when it is connected again.
   * @param rest resolves when the work under way has finished, so that the socket can be dropped.
   * @param within what it reconnects for.
   * @throws {RejectedError} the server rejected the user info; the connection is being dialled again.
   * @throws {Error} why it was closed instead.
   */
  async reconnect(
    cause: RotationTrigger,
    userInfo: ResolvedUserInfo | undefined,
    rest: () => Promise<void>,
    within?: Operation,
  ): Promise<void> {
    if (this.#link.state !== 'connected') return;
    this.#beginConnect('reconnect', within);
    const reconnected = new Promise<void>((connected, failed) =>
      this.#become({ type: 'reconnect', cause, reconnecting: { connected, failed } }),
    );
    // It is awaited below, but may reject before that: this prevents an unhandled rejection.
    reconnected.catch(() => {});
    this.#outage.begin();
    this.#emitDisconnected();
    await Promise.race([rest(), reconnected]);
    // If the connection was lost meanwhile, it is being dialled already.
    if (this.#isResting()) {
      this.#dialer.presentNext(userInfo);
      this.#dialer.dialAtOnce();
      await this.#handler.reconnect();
    }
    await reconnected;
  }

  /** Checks at once whether the server still answers, and dials again if it does not. Called when there is reason to doubt it. */
  doubt(): void {
    this.#signOfLife.ask();
  }

  /** Makes this the current connection: from now on it emits the events of its role. */
  takeOver(): void {
    this.#standing = 'current';
    this.#emitConnected(this.#settings.kind ?? 'initial');
    if (this.#link.state !== 'connected') this.#emitDisconnected();
  }

  /**
   * Its successor takes over: emits no more events, and does not reconnect when the server ends the connection.
   * @returns what was published while it was lost; the successor is to send it.
   */
  retire(): Uint8Array[] {
    this.#standing = 'retired';
    this.#handler.abortReconnect = true;
    this.#hold?.release();
    if (this.#link.state !== 'disconnected') return [];
    const kept = this.#handler.takeKept();
    // Nothing more arrives on a lost connection, and it may be waiting for its next dial.
    void this.close();
    return kept;
  }

  /** Sends what its predecessor has kept. */
  sendKept(messages: readonly Uint8Array[]): void {
    if (messages.length > 0) this.#handler.sendKept(messages);
  }

  /** Emits that newer user info has replaced what this connection was using. */
  emitReplaced(trigger: ReplaceTrigger): void {
    const userInfo = lastServed(this.#link)?.userInfo;
    if (!userInfo) return;
    const { clock = systemClock, events } = this.#settings;
    events.emit('replaced', { ...this.#identity(), trigger, ageMs: clock.now() - userInfo.resolvedAt });
  }

  /**
   * Calls `denied` when the server refuses `subject`, and hides that error from nats.js and from NestJS, which would log it.
   * @returns a function that unsubscribes the callback.
   */
  own(subject: string, denied: (operation: DeniedOperation) => void): () => void {
    this.#ownSubjects.set(subject, denied);
    return () => this.#ownSubjects.delete(subject);
  }

  /** The subjects to which the application itself has subscribed on the nats.js connection. */
  get subjectsOfApplication(): string[] {
    return subjectsOfApplication(this.#handler.subscriptions);
  }

  /** The servers that a successor of this connection dials, in order. */
  get orderOfSuccessor(): DialOrder | undefined {
    const { options, random = Math.random } = this.#settings;
    const served = lastServed(this.#link);
    const inUse = served && { server: served.foundBy, address: served.server };
    const known = { options, pool: this.#handler.servers, inUse, random };
    return served?.lameDuck ? otherAddressesFirst(known) : sameAddressFirst(known);
  }

  /** A successor dials while its role is connected: it counts its own dials until it takes over. */
  get #outage(): Outage {
    const { kind, outage } = this.#settings;
    const isBeside = this.#standing === 'retired' || (this.#standing === 'candidate' && kind === 'handover');
    return (isBeside ? undefined : outage) ?? this.#ownOutage;
  }

  #become(event: LinkEvent): void {
    this.#link = nextLink(this.#link, event);
  }

  #isResting(): boolean {
    return this.#link.state === 'disconnected' && this.#link.dial.step === 'resting';
  }

  async #open(within: Operation | undefined): Promise<NatsConnectionInternals> {
    this.#become({ type: 'opened' });
    this.#outage.begin();
    const { kind = 'initial', source } = this.#settings;
    this.#beginConnect(kind, within);
    // The application asks for this connect, so the backoff of earlier failed attempts must not delay it.
    if (kind === 'initial') source.beginAfresh();
    try {
      await this.#handler.dialLoop();
      return this.#nc;
    } catch (thrown) {
      const wanted = this.#closing.signal.aborted;
      const error = wanted ? connectionClosed(this.#settings) : this.#dialer.reason(thrown);
      if (!wanted) this.#openFailed = error;
      await this.#handler.close(error);
      throw error;
    }
  }

  #createDialer(userInfo: ResolvedUserInfo | undefined): Dialer {
    const { kind = 'initial', role, driver, source, rejection, sentinel, options, events } = this.#settings;
    const { clock = systemClock, random = Math.random } = this.#settings;
    return new Dialer(
      {
        role,
        driver,
        source,
        rejection,
        sentinel,
        clock,
        firstReason: kind === 'initial' ? 'connect' : 'reconnect',
        pace: new ReconnectPace(options, clock, random),
        waits: options.waitOnFirstConnect ?? false,
        connecting: () => this.#connecting,
        signal: this.#closing.signal,
        random,
        knock: (address) => this.#knock(address),
        whenServerIsBack: (pool, back) => awaitFirstAnswer({ pool, options, clock, random }, back),
        outage: () => this.#outage,
        onRejected: (rejection) => {
          const { error, server } = rejection;
          this.#connecting?.note('rejected', { server }, error);
          events.emit('rejected', { ...this.#identity(), ...rejection });
          if (this.#link.state === 'disconnected') this.#link.reconnecting?.failed(error);
        },
        onFailed: (failure) => {
          const { error, server } = failure;
          this.#connecting?.note('dial failed', { server }, error);
          events.emit('connectFailed', { ...this.#identity(), ...failure });
        },
      },
      userInfo,
    );
  }

  /** The decisions and callbacks of the protocol handler. */
  #policy(): DialPolicy {
    const { session, onLameDuck, events, leaving } = this.#settings;
    const dialer = this.#dialer;
    return {
      dialServer: (server, pool, attempt) => dialer.dialServer(server, pool, attempt),
      isOver: () => dialer.isOver,
      lookUp: (server) => this.#lookUp(server),
      limitAnswer: (transport, dialled) => this.#limitAnswer(transport, dialled),
      unfit: (info) =>
        leaving && !dialer.connectedOnce
          ? stillThere(leaving, info(), (said) => dialer.quote(said))
          : undefined,
      dial: async (dialled, pool, attempt) => {
        const dial = () => dialElsewhere(attempt, this.#closing.signal);
        this.#accepted(dialled, pool, await dialer.dial(dialled.address, pool, dial));
      },
      connectFields: (nonce) => inOwnContext(() => dialer.answer(nonce)),
      connectRefused: (serverMessage, shown, cause) => dialer.refusal(serverMessage, shown, cause),
      quote: (serverMessage) => dialer.quote(serverMessage),
      serverError: (serverMessage) => {
        const said = parseServerError(serverMessage);
        if (said.type === 'denied') {
          const own = this.#ownSubjects.get(said.subject);
          own?.(said.operation);
          if (own) return 'ours';
          return session?.permissionDenied?.(said.operation, said.subject);
        }
        const ours = session?.serverError?.(dialer.quote(serverMessage, said), said);
        if (this.#standing !== 'retired') dialer.heard(serverMessage, said);
        return ours ?? (said.type === 'limit' ? 'goesOn' : undefined);
      },
      lameDuck: () => {
        const accepted = acceptedOf(this.#link);
        // Each INFO that follows says so again.
        if (this.#standing === 'retired' || !accepted || accepted.lameDuck) return;
        this.#become({ type: 'lameDuck' });
        const { server, identity } = accepted;
        events.emit('lameDuck', { ...this.#identity(), server, ...identity });
        onLameDuck?.();
      },
      disconnected: (error) => this.#lost(error),
      // The application may call `close()` on the nats.js connection while it handles a request, in the async context of that request.
      closing: () =>
        inOwnContext(() => {
          this.#closing.abort(connectionClosed(this.#settings));
          this.#hold?.release();
          this.#signOfLife.end();
        }),
      outputDropped: (messages) =>
        inOwnContext(() => events.emit('outputDropped', { ...this.#identity(), messages })),
    };
  }

  async #knock(address: string): Promise<void> {
    const { options, answerWithin: limitMs, clock = systemClock } = this.#settings;
    const { timeout = DIAL_TIMEOUT_MS } = options;
    const withinMs = limitMs === undefined ? timeout : this.#patience.limitOf(address);
    try {
      await serverAnswers(address, { options, clock, withinMs }, this.#closing.signal);
    } catch (error) {
      if (error instanceof SilentServerError) this.#patience.exhausted(address);
      throw error;
    }
  }

  async #lookUp(server: NamedServerInternals): Promise<readonly ServerInternals[]> {
    const { driver, options, order } = this.#settings;
    const { resolve, debug } = options as { resolve?: boolean; debug?: boolean };
    const addresses = (fn: Driver['resolveHost']) =>
      server.resolve({ fn, resolve, debug, randomize: !options.noRandomize });
    const inUse = this.#dialer.connectedOnce ? undefined : order?.inUse;
    const lookUp: Driver['resolveHost'] = (name) => driver.resolveHost(name);
    return inUse?.server === server.toString()
      ? besideAddressInUse(inUse, addresses, lookUp)
      : addresses(lookUp);
  }

  #limitAnswer(transport: TransportInternals, { address, gossiped, more }: DialledAddress): void {
    const { kind = 'initial', answerWithin: limitMs, clock = systemClock } = this.#settings;
    if (limitMs === undefined) return;
    const wasConnected = this.#dialer.connectedOnce || kind === 'reconnect';
    const takesOver = kind === 'handover' && !wasConnected;
    if (takesOver || gossiped) return answerWithin(transport, limitMs, clock);
    if (!wasConnected && !more) return;
    const exhausted = () => this.#patience.exhausted(address);
    answerWithin(transport, this.#patience.limitOf(address), clock, exhausted);
  }

  #accepted(
    { address, server }: DialledAddress,
    pool: ServerPoolInternals,
    { userInfo, info, first, after }: Established,
  ): void {
    const { kind = 'initial', session, source, options } = this.#settings;
    if (this.#hold) this.#hold.use(userInfo);
    else this.#hold = source.hold(userInfo);
    if (first) settlePool(pool, options);
    this.#outage.end();
    this.#patience.renew();
    if (userInfo.refresh) this.#connecting?.follows(userInfo.refresh);
    const dial = Symbol();
    const identity = identityOf(info, (said) => this.#dialer.quote(said));
    this.#become({
      type: 'accepted',
      accepted: { dial, server: address, foundBy: server, identity, userInfo, lameDuck: false },
      cause: after && 'rejected',
    });
    const serves = () => {
      // It may have been lost or closed while the session was getting ready.
      if (acceptedOf(this.#link)?.dial === dial) this.#serves(first ? kind : 'reconnect');
    };
    const ready = session?.connected?.();
    if (ready) ready.then(serves, () => {});
    else serves();
  }

  /** The server has accepted the connection and has what the session needs: it counts as connected from now on. */
  #serves(kind: ConnectKind): void {
    const before = this.#link;
    if (this.#standing === 'current' && before.state === 'disconnected' && before.cause)
      this.emitReplaced(before.cause);
    this.#become({ type: 'ready' });
    this.#endConnect({ server: lastServed(this.#link)?.server });
    if (this.#standing === 'current') this.#emitConnected(kind);
    this.#settings.session?.serves?.();
    if (before.state === 'disconnected') before.reconnecting?.connected();
  }

  #lost(error: Error | undefined): void {
    const served = this.#link.state === 'connected';
    this.#become({ type: 'lost' });
    this.#outage.begin();
    const redials = this.#standing !== 'retired' && !this.#closing.signal.aborted;
    if (served && redials) this.#beginConnect('reconnect');
    this.#signOfLife.end();
    if (this.#standing !== 'retired') this.#dialer.lost();
    this.#hold?.use(undefined);
    this.#settings.session?.disconnected?.();
    // If it was lost before it counted as connected, the state that was emitted last still holds.
    if (served && this.#standing === 'current') this.#emitDisconnected(this.#dialer.rejection ?? error);
  }

  #closed(error: Error | undefined): void {
    const { events, onServing, kind = 'initial' } = this.#settings;
    const before = this.#link;
    this.#become({ type: 'closed' });
    this.#connecting?.failed(error ?? connectionClosed(this.#settings));
    this.#endConnect();
    this.#dialer.forget();
    // Without an error the application has closed it: nobody wants a connection.
    if (!error) this.#outage.end();
    if (before.state === 'disconnected')
      before.reconnecting?.failed(error ?? connectionClosed(this.#settings));
    // A failed attempt to take over is reported by `rotated`, and the connection that it was to replace goes on.
    const attempt = kind !== 'initial' && (this.#standing === 'candidate' || !this.#dialer.connectedOnce);
    if (this.#standing === 'retired' || attempt) return;
    onServing?.(false);
    events.emit('closed', { ...this.#identity(), error });
  }

  #emitConnected(kind: ConnectKind): void {
    const served = lastServed(this.#link);
    if (!served) return;
    const { server, identity, userInfo } = served;
    const user = acceptedOf(this.#link)?.userInfo.user;
    this.#settings.onServing?.(true);
    this.#settings.events.emit('connected', {
      ...this.#identity(),
      kind,
      server,
      ...identity,
      userInfo,
      ...(user !== undefined && { user }),
    });
  }

  #emitDisconnected(error?: Error): void {
    this.#settings.onServing?.(false);
    this.#settings.events.emit('disconnected', { ...this.#identity(), error });
  }

  #beginConnect(kind: ConnectKind, within?: Operation): void {
    const { observer } = this.#settings;
    this.#connecting ??= observer?.begin('connect', { ...this.#identity(), kind }, within);
  }

  #endConnect(facts?: Facts): void {
    this.#connecting?.end(facts);
    this.#connecting = undefined;
  }

  #identity(): { connection: string; role: Role } {
    return { connection: this.#settings.name, role: this.#settings.role };
  }
}
