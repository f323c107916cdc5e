import { type Clock, type Emitter, inOwnContext, LateAbort, systemClock } from '../base/index.js';
import type {
  CredentialSource,
  Hold,
  ResolvedUserInfo,
  Role,
  UserInfoSummary,
} from '../credentials/index.js';
import type { Sentinel } from './dialling/connect-fields.js';
import { Dialer, type Established } from './dialling/dialer.js';
import { answerWithin } from './dialling/answer-within.js';
import { awaitFirstAnswer } from './dialling/first-answer.js';
import { dialElsewhere, stillThere } from './dialling/leave-server.js';
import type { Driver } from './drivers/driver.js';
import type {
  NamedServerInternals,
  NatsConnectionInternals,
  ServerInternals,
  TransportInternals,
} from './drivers/internals.js';
import { connectionClosed, type RejectedError } from './errors.js';
import type { ConnectKind, NatsAuthEvents, ReplaceTrigger, RotationTrigger } from './events.js';
import { type ConnectionOptions, DIAL_TIMEOUT_MS, driverOptions, type RejectionSettings } from './options.js';
import {
  createProtocolHandler,
  type DialledAddress,
  type DialPolicy,
  type PolicyHandler,
} from './dialling/protocol-handler.js';
import { SignOfLife } from './dialling/sign-of-life.js';
import { besideAddressInUse } from './dialling/address-in-use.js';
import { Patience } from './dialling/patience.js';
import { ReconnectPace } from './dialling/reconnect-pace.js';
import { type DeniedOperation, parseServerError } from './dialling/server-error.js';
import { identityOf, type ServerIdentity } from './dialling/server-identity.js';
import {
  type DialOrder,
  hasLost,
  markGossiped,
  otherAddressesFirst,
  sameAddressFirst,
  settlePool,
} from './dialling/server-pool.js';
import { subjectsOfApplication } from './own-subscriptions.js';
import { withParsedServers } from './servers/server-list.js';
import type { SessionEvents } from './rotation/session.js';

/** What a connection is made of. */
export interface AuthConnectionSettings {
  /** The registration's name. */
  readonly name: string;
  readonly role: Role;
  readonly driver: Driver;
  readonly source: CredentialSource;
  readonly events: Emitter<NatsAuthEvents>;
  readonly options: ConnectionOptions;
  readonly rejection: RejectionSettings;
  readonly sentinel?: Sentinel;
  /** How the first establishment counts. Default: `initial`. */
  readonly kind?: ConnectKind;
  /** Tells nothing of itself before `takeOver()`: it does not serve its role yet. Default: false. */
  readonly candidate?: boolean;
  /** What it dials until it is established for the first time. Default: the servers of the options. */
  readonly order?: DialOrder;
  /**
   * For how long an address may say nothing before another is tried, in ms: each one of a connection that takes over, those that only
   * the cluster told of, and at first those of a connection that was lost and those whose server has more of them. Default: the
   * time-out of a dial in the options.
   */
  readonly answerWithin?: number;
  /** The server that one that takes over is to get away from: the addresses that it dials may lead there. */
  readonly leaving?: ServerIdentity;
  /** Hears of refusals and of the end of an establishment. */
  readonly session?: SessionEvents;
  readonly onLameDuck?: () => void;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Numbers from 0 to 1 for jitter. Default: `Math.random`. */
  readonly random?: () => number;
}

/** Where a connection is in its life. */
export type ConnectionState = 'idle' | 'connecting' | 'connected' | 'disconnected' | 'closed';

/**
 * A nats.js connection that presents user info from a credential source each time it is established. The nats.js
 * connection object stays the same across reconnects.
 */
export class AuthConnection {
  // #private, as everything here that reaches user info: inspect and JSON show none of it.
  readonly #settings: AuthConnectionSettings;
  readonly #closing = new LateAbort();
  readonly #dialer: Dialer;
  readonly #handler: PolicyHandler;
  readonly #nc: NatsConnectionInternals;
  /** The servers that it was made with. */
  readonly #pool: readonly ServerInternals[];
  readonly #patience: Patience;
  readonly #signOfLife: SignOfLife;
  #state: ConnectionState = 'idle';
  #server?: string;
  /** The server of the pool that is being dialled, and the one that this address was found by. */
  #dialled?: string;
  #foundBy?: string;
  #serverIdentity: ServerIdentity = {};
  /** What the server accepted last; dropped with the connection, whoever still holds that. */
  #accepted?: ResolvedUserInfo;
  /** What may be told of it, also after that. */
  #told?: UserInfoSummary;
  /** Why this connection is being dialled again, when a rotation does that. */
  #rotating?: RotationTrigger;
  /** What this connection was using before the user info that it is being established with. */
  #replaced?: { readonly trigger: ReplaceTrigger; readonly userInfo?: UserInfoSummary };
  #retired = false;
  #lameDuck = false;
  #candidate: boolean;
  /** Hear that the server refused a subject that the application knows nothing of. */
  readonly #ownSubjects = new Map<string, (operation: DeniedOperation) => void>();
  /** The establishment that the session is getting ready for, or that serves; another object after each dial. */
  #establishment?: object;
  #opening?: Promise<unknown>;
  #hold?: Hold;
  #onConnected = () => {};
  #onRejected: (error: RejectedError) => void = () => {};
  #onClosed: (error: Error) => void = () => {};

  /**
   * @param given whose options have been checked.
   * @param userInfo presented by the first dial, in the place of what the source gives.
   */
  constructor(given: AuthConnectionSettings, userInfo?: ResolvedUserInfo) {
    const settings = { ...given, options: withParsedServers(given.options) };
    this.#settings = settings;
    const { driver, options, kind = 'initial', clock = systemClock, random = Math.random } = settings;
    const { role, source, rejection, sentinel, events, order } = settings;
    this.#candidate = settings.candidate ?? false;
    const { timeout = DIAL_TIMEOUT_MS } = options;
    this.#patience = new Patience(settings.answerWithin ?? timeout, timeout);
    driver.useNodeTransport();
    const inOrder = order && { servers: order.servers, noRandomize: true };
    this.#nc = new driver.NatsConnection(
      driverOptions({ ...options, ...inOrder }, () => this.#handler.authenticate()),
    );
    this.#handler = createProtocolHandler(driver.ProtocolHandler, this.#policy(), this.#nc.options, this.#nc);
    this.#nc.protocol = this.#handler;
    this.#signOfLife = new SignOfLife(this.#handler, clock);
    this.#pool = [...this.#handler.servers.getServers()];
    if (order) {
      markGossiped(this.#handler.servers, order);
      // The order is made; this is for the addresses of a name.
      Object.assign(this.#nc.options, { noRandomize: options.noRandomize ?? false });
    }
    driver.quirks.shareStatus(this.#nc, this.#handler);
    this.#dialer = new Dialer({
      role,
      driver,
      source,
      rejection,
      sentinel,
      clock,
      firstReason: kind === 'initial' ? 'connect' : 'reconnect',
      pace: new ReconnectPace(options, clock, random),
      waits: options.waitOnFirstConnect ?? false,
      pool: this.#handler.servers,
      abort: this.#closing,
      whenServerIsBack: (back) =>
        awaitFirstAnswer({ pool: this.#handler.servers, options, clock, random }, back),
      onRejected: (error, afterExpiryMs) => {
        const off = afterExpiryMs === undefined ? {} : { afterExpiryMs };
        events.emit('rejected', { ...this.#identity(), error, ...off });
        this.#onRejected(error);
      },
      onFailed: (server, error) => events.emit('connectFailed', { ...this.#identity(), server, error }),
      giveUp: () => (this.#handler.abortReconnect = true),
    });
    this.#dialer.presentNext(userInfo);
    void this.#handler.closed.then((error) => this.#closed(error));
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** `host:port` of the server it is, or was last, connected to. */
  get server(): string | undefined {
    return this.#server;
  }

  /** Which server that is: others may share its address. */
  get serverIdentity(): ServerIdentity {
    return this.#serverIdentity;
  }

  /** The user info that the server has accepted; `undefined` while there is no connection. */
  get userInfo(): ResolvedUserInfo | undefined {
    return this.#state === 'connected' ? this.#accepted : undefined;
  }

  /** Whether the server that it is connected to has said that it will end. */
  get lameDuck(): boolean {
    return this.#lameDuck;
  }

  /** Resolves when it is closed for good. */
  get closed(): Promise<unknown> {
    return this.#handler.closed;
  }

  /**
   * Connects; later calls give the same promise. The result is the driver's `NatsConnection`.
   * @throws {@link UserInfoUnavailableError} the provider failed `refresh.retry.maxAttempts` times.
   * @throws {@link RejectedError} the server rejected `rejection.maxOnConnect` times.
   * @throws {@link ClosedError} closed while connecting.
   */
  open<NatsConnection>(): Promise<NatsConnection> {
    this.#opening ??= inOwnContext(() => this.#open());
    return this.#opening as Promise<NatsConnection>;
  }

  /** Closes at any moment; nothing is left open. Safe to call again. */
  async close(): Promise<void> {
    await this.#handler.close();
    await this.#handler.closed;
  }

  /**
   * Drops the socket and dials again at once, presenting `userInfo`, or what the source gives. It counts as disconnected from
   * the start: `rest` resolves when what it was doing has come to an end. Resolves when it is connected.
   * @throws {RejectedError} the server rejects the user info; the connection is being dialled again.
   * @throws {Error} why it was closed in the place of that.
   */
  async reconnect(
    trigger: RotationTrigger,
    userInfo: ResolvedUserInfo | undefined,
    rest: () => Promise<void>,
  ): Promise<void> {
    const establishment = this.#establishment;
    if (this.#state !== 'connected' || !establishment) return;
    const reconnected = new Promise<void>((resolve, reject) => {
      this.#onConnected = resolve;
      this.#onRejected = reject;
      // Not a `then()` of `closed`, which would keep each of them for the life of the connection.
      this.#onClosed = reject;
    });
    // It is awaited below, and may reject before.
    reconnected.catch(() => {});
    this.#state = 'disconnected';
    this.#tellDisconnected();
    await Promise.race([rest(), reconnected]);
    // One that was lost meanwhile is being dialled already.
    if (this.#establishment === establishment) {
      this.#dialer.presentNext(userInfo);
      this.#rotating = trigger;
      this.#dialer.dialAtOnce();
      await this.#handler.reconnect();
    }
    await reconnected;
  }

  /** There is reason to doubt that the server is there: it is asked at once, and the connection dialled again when it says nothing. */
  doubt(): void {
    this.#signOfLife.ask();
  }

  /** It is the one in use from now on, and tells what becomes of it. */
  takeOver(): void {
    this.#candidate = false;
    this.#tellConnected(this.#settings.kind ?? 'initial');
    if (this.#state !== 'connected') this.#tellDisconnected();
  }

  /** Another connection has taken over: tells nothing any more, and does not dial again when the server lets go. */
  retire(): void {
    this.#retired = true;
    this.#handler.abortReconnect = true;
    this.#hold?.release();
    // Nothing more comes to one that is lost, and it may be waiting for its turn to be dialled.
    if (this.#state === 'disconnected') void this.close();
  }

  /** Tells that newer user info took the place of what this connection was using. */
  tellReplaced(trigger: ReplaceTrigger, userInfo = this.#told): void {
    if (!userInfo) return;
    const { clock = systemClock, events } = this.#settings;
    events.emit('replaced', { ...this.#identity(), trigger, ageMs: clock.now() - userInfo.resolvedAt });
  }

  /**
   * Has `denied` hear when the server refuses `subject`, and nobody else: neither nats.js nor NestJS, which logs it. The
   * returned function ends that.
   */
  own(subject: string, denied: (operation: DeniedOperation) => void): () => void {
    this.#ownSubjects.set(subject, denied);
    return () => this.#ownSubjects.delete(subject);
  }

  /** What the application has subscribed on the nats.js connection. */
  get subjectsOfApplication(): string[] {
    return subjectsOfApplication(this.#handler.subscriptions);
  }

  /** What one that takes over from this one dials. */
  get orderOfSuccessor(): DialOrder | undefined {
    const { options, random = Math.random } = this.#settings;
    const inUse =
      this.#foundBy && this.#server ? { server: this.#foundBy, address: this.#server } : undefined;
    const known = { options, pool: this.#handler.servers, inUse, random };
    return this.#lameDuck ? otherAddressesFirst(known) : sameAddressFirst(known);
  }

  async #open(): Promise<NatsConnectionInternals> {
    this.#state = 'connecting';
    const { kind = 'initial', source } = this.#settings;
    // Somebody asks for it: what a failed attempt before has left is nobody's any more.
    if (kind === 'initial') source.beginAfresh();
    try {
      await this.#handler.dialLoop();
      return this.#nc;
    } catch (thrown) {
      const error = this.#closing.aborted ? connectionClosed(this.#settings) : this.#dialer.reason(thrown);
      await this.#handler.close(error);
      throw error;
    }
  }

  /** What the protocol handler asks and tells. */
  #policy(): DialPolicy {
    const { session, onLameDuck, events } = this.#settings;
    return {
      dialServer: (server, attempt) => {
        this.#dialled = server;
        return this.#dialer.dialServer(server, attempt);
      },
      lookUp: (server) => this.#lookUp(server),
      limitAnswer: (transport, dialled) => this.#limitAnswer(transport, dialled),
      unfit: (info) => {
        const { leaving } = this.#settings;
        if (!leaving || this.#dialer.connectedOnce) return undefined;
        return stillThere(leaving, info(), (said) => this.#dialer.quote(said));
      },
      dial: async (server, attempt) => {
        const dial = () => dialElsewhere(attempt, this.#closing);
        this.#connected(server, await this.#dialer.dial(server, dial));
      },
      connectFields: (nonce) => inOwnContext(() => this.#dialer.answer(nonce)),
      connectRefused: (serverMessage, cause) =>
        this.#dialer.refusal(serverMessage, this.#handler.authenticate(), cause),
      quote: (serverMessage) => this.#dialer.quote(serverMessage),
      serverError: (serverMessage) => {
        const said = parseServerError(serverMessage);
        if (said.type === 'denied') {
          const own = this.#ownSubjects.get(said.subject);
          own?.(said.operation);
          if (own) return 'ours';
          session?.permissionDenied?.(said.operation, said.subject);
        } else session?.serverError?.(this.#dialer.quote(serverMessage, said), said);
        if (!this.#retired) this.#dialer.heard(serverMessage, said);
        return undefined;
      },
      lameDuck: () => {
        if (this.#retired) return;
        this.#lameDuck = true;
        const server = { server: this.#server ?? '', ...this.#serverIdentity };
        events.emit('lameDuck', { ...this.#identity(), ...server });
        onLameDuck?.();
      },
      disconnected: (error) => this.#disconnected(error),
      // The application may call `close()` on the nats.js connection, out of a request.
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

  #connected(server: string, { userInfo, first, after }: Established): void {
    const { kind = 'initial', session, source, options, order } = this.#settings;
    if (this.#hold) this.#hold.use(userInfo);
    else this.#hold = source.hold(userInfo);
    if (first && (order || hasLost(this.#handler.servers, this.#pool)))
      settlePool(this.#handler.servers, options);
    const trigger = after ? 'rejected' : this.#rotating;
    if (trigger) this.#replaced ??= { trigger, userInfo: this.#told };
    this.#rotating = undefined;
    this.#lameDuck = false;
    this.#accepted = userInfo;
    this.#told = userInfo.toJSON();
    this.#server = server;
    this.#foundBy = this.#dialled;
    this.#patience.renew();
    this.#serverIdentity = identityOf(this.#handler.info, (said) => this.#dialer.quote(said));
    const establishment = (this.#establishment = {});
    const serves = () => {
      // Lost, or closed, while the session was getting ready.
      if (this.#establishment === establishment) this.#serves(first ? kind : 'reconnect');
    };
    const ready = session?.connected?.();
    if (ready) ready.then(serves, () => {});
    else serves();
  }

  /** The server has accepted it, and has what the session needs: it counts as connected from now on. */
  #serves(kind: ConnectKind): void {
    this.#state = 'connected';
    if (!this.#candidate && !this.#retired) {
      if (this.#replaced) this.tellReplaced(this.#replaced.trigger, this.#replaced.userInfo);
      this.#tellConnected(kind);
    }
    this.#replaced = undefined;
    this.#settings.session?.serves?.();
    this.#onConnected();
  }

  #tellConnected(kind: ConnectKind): void {
    if (!this.#told) return;
    const { name: connection, role, events } = this.#settings;
    const server = { server: this.#server ?? '', ...this.#serverIdentity };
    events.emit('connected', { connection, role, kind, ...server, userInfo: this.#told });
  }

  #disconnected(error: Error | undefined): void {
    const served = this.#state === 'connected';
    if (served) this.#state = 'disconnected';
    this.#establishment = undefined;
    this.#signOfLife.end();
    this.#hold?.use(undefined);
    this.#settings.session?.disconnected?.();
    // Lost before it was told as connected, it still is what it was told as last.
    if (served && !this.#retired && !this.#candidate) this.#tellDisconnected(this.#dialer.rejection ?? error);
  }

  #tellDisconnected(error?: Error): void {
    this.#settings.events.emit('disconnected', { ...this.#identity(), error });
  }

  #closed(error: Error | undefined): void {
    const { events, kind = 'initial' } = this.#settings;
    this.#state = 'closed';
    this.#establishment = this.#accepted = undefined;
    this.#dialer.forget();
    this.#handler.forget();
    this.#onClosed(error ?? connectionClosed(this.#settings));
    // An attempt to take over that failed is told by `rotated`, and the connection that it was for goes on.
    const attempt = kind !== 'initial' && (this.#candidate || !this.#dialer.connectedOnce);
    if (!this.#retired && !attempt) events.emit('closed', { ...this.#identity(), error });
  }

  #identity(): { connection: string; role: Role } {
    return { connection: this.#settings.name, role: this.#settings.role };
  }
}
