import {
  asError,
  ClosedError,
  type Clock,
  type CredentialSource,
  type Emitter,
  type RefreshReason,
  type ResolvedUserInfo,
  type Role,
  systemClock,
} from '../credentials/index.js';
import {
  type AnswerNonce,
  type ConnectFields,
  prepareConnectFields,
  type Sentinel,
} from './connect-fields.js';
import type { Driver } from './drivers/driver.js';
import type { NatsConnectionInternals } from './drivers/internals.js';
import { ConnectRefusedError, RejectedError } from './errors.js';
import type { ConnectKind, NatsAuthEvents, ReplaceTrigger, RotationTrigger } from './events.js';
import {
  checkConnectionOptions,
  type ConnectionOptions,
  driverOptions,
  type RejectionSettings,
} from './options.js';
import { createProtocolHandler, type DialPolicy, type PolicyHandler } from './protocol-handler.js';
import { ReconnectPace } from './reconnect-pace.js';
import { classifyServerError, deniedPermission } from './rejection.js';
import type { SessionEvents } from './session.js';

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
  /** Presented by the first dial; later ones ask the source. */
  readonly userInfo?: ResolvedUserInfo;
  /** Hears of refusals and of the end of an establishment. */
  readonly session?: SessionEvents;
  readonly onLameDuck?: () => void;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Numbers from 0 to 1 for jitter. Default: `Math.random`. */
  readonly random?: () => number;
}

/** About what `CONNECT` has beside credentials, in bytes. */
const REST_OF_CONNECT_BYTES = 140;

/** Where a connection is in its life. */
export type ConnectionState = 'idle' | 'connecting' | 'connected' | 'disconnected' | 'closed';

/**
 * A nats.js connection that presents user info from a credential source each time it is established. The nats.js
 * connection object stays the same across reconnects.
 */
export class AuthConnection implements DialPolicy {
  // #private, as everything here that reaches user info: inspect and JSON show none of it.
  readonly #settings: AuthConnectionSettings;
  readonly #closing = new AbortController();
  readonly #pace: ReconnectPace;
  readonly #handler: PolicyHandler;
  readonly #nc: NatsConnectionInternals;
  #state: ConnectionState = 'idle';
  #everConnected = false;
  /** What the server has accepted, or is being shown. */
  #userInfo?: ResolvedUserInfo;
  /** What the server accepted last. */
  #accepted?: ResolvedUserInfo;
  /** User info that the next dial presents without asking the source: it was refreshed for that dial. */
  #renewed?: ResolvedUserInfo;
  #rotating?: RotationTrigger;
  #retired = false;
  #answerNonce: AnswerNonce = () => ({});
  /** Why the server ended or refused the establishment before this one. */
  #rejection?: RejectedError;
  #rejectionsOnConnect = 0;
  #server?: string;
  #release = () => {};
  #onConnected = () => {};
  #opening?: Promise<unknown>;

  /** @throws {@link OptionsInvalidError} */
  constructor(settings: AuthConnectionSettings) {
    this.#settings = settings;
    const { driver, options, clock = systemClock, random = Math.random } = settings;
    checkConnectionOptions(options);
    this.#renewed = settings.userInfo;
    this.#pace = new ReconnectPace(options, clock, random);
    driver.useNodeTransport();
    this.#nc = new driver.NatsConnection(driverOptions(options, () => this.#handler.authenticate()));
    this.#handler = createProtocolHandler(driver.ProtocolHandler, this, this.#nc.options, this.#nc);
    this.#nc.protocol = this.#handler;
    void this.#handler.closed.then((error) => this.#closed(error));
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** `host:port` of the server it is, or was last, connected to. */
  get server(): string | undefined {
    return this.#server;
  }

  /** The user info that the server has accepted; `undefined` while there is no connection. */
  get userInfo(): ResolvedUserInfo | undefined {
    return this.#state === 'connected' ? this.#userInfo : undefined;
  }

  /**
   * Connects; later calls give the same promise. The result is the driver's `NatsConnection`.
   * @throws {@link UserInfoUnavailableError} the provider failed `refresh.retry.maxAttempts` times.
   * @throws {@link RejectedError} the server rejected `rejection.maxOnConnect` times.
   * @throws {@link ClosedError} closed while connecting.
   */
  open<NatsConnection>(): Promise<NatsConnection> {
    this.#opening ??= this.#open();
    return this.#opening as Promise<NatsConnection>;
  }

  /** Closes at any moment; nothing is left open. Safe to call again. */
  async close(): Promise<void> {
    await this.#handler.close();
    await this.#handler.closed;
  }

  /** Resolves when it is closed for good. */
  get closed(): Promise<unknown> {
    return this.#handler.closed;
  }

  /**
   * Drops the socket and dials again, presenting `userInfo`, or what the source gives. Resolves when it is connected.
   * @throws {Error} why it was closed in the place of that.
   */
  async reconnect(trigger: RotationTrigger, userInfo?: ResolvedUserInfo): Promise<void> {
    if (this.#state !== 'connected') return;
    this.#renewed = userInfo;
    this.#rotating = trigger;
    const reconnected = new Promise<void>((resolve) => (this.#onConnected = resolve));
    await this.#handler.reconnect();
    await Promise.race([
      reconnected,
      this.#handler.closed.then((error) => Promise.reject(error ?? this.#closedError())),
    ]);
  }

  /** Another connection has taken over: tells nothing any more, and does not dial again when the server lets go. */
  retire(): void {
    this.#retired = true;
    this.#handler.abortReconnect = true;
    this.#release();
  }

  /** Tells that newer user info took the place of what this connection was using. */
  tellReplaced(trigger: ReplaceTrigger): void {
    if (!this.#accepted) return;
    const { clock = systemClock } = this.#settings;
    const ageMs = clock.now() - this.#accepted.resolvedAt;
    this.#settings.events.emit('replaced', { ...this.#identity(), trigger, ageMs });
  }

  /** The known servers but the one it is connected to; the configured ones when there are no others. */
  otherServers(): string[] | string | undefined {
    const { servers, tls } = this.#settings.options;
    // Servers that the cluster told of are known by address, which a certificate need not name.
    const known = tls ? [servers ?? []].flat() : this.#handler.servers.getServers().map(String);
    const others = known.filter((server) => !server.endsWith(this.#server ?? ''));
    return others.length > 0 ? others : servers;
  }

  async #open(): Promise<NatsConnectionInternals> {
    this.#state = 'connecting';
    try {
      await this.#handler.dialLoop();
      return this.#nc;
    } catch (thrown) {
      const error = this.#closing.signal.aborted ? this.#closedError() : asError(thrown);
      await this.#handler.close(error);
      throw error;
    }
  }

  /** @internal Called by the protocol handler. */
  async dial(server: string, attempt: () => Promise<void>): Promise<void> {
    await this.#pace.wait(server, this.#closing.signal);
    for (;;) {
      const userInfo = await this.#prepare(server);
      try {
        this.#closing.signal.throwIfAborted();
        this.#settings.driver.useNodeTransport();
        await attempt();
        return this.#connected(server, userInfo);
      } catch (thrown) {
        // nats.js rejects with nothing when the server hangs up before its INFO.
        const error = thrown === undefined ? this.connectRefused(undefined) : asError(thrown);
        this.#settings.source.report(userInfo, error instanceof RejectedError ? 'rejected' : 'failed');
        if (!(error instanceof RejectedError)) throw error;
        this.#rejected(error);
        if (this.#everConnected) throw error;
        if (++this.#rejectionsOnConnect >= this.#settings.rejection.maxOnConnect) throw this.#final(error);
      }
    }
  }

  /** Resolves user info and all of `CONNECT` that does not depend on the server. */
  async #prepare(server: string): Promise<ResolvedUserInfo> {
    const { source, role, driver, sentinel = {} } = this.#settings;
    const firstConnect = !this.#everConnected;
    const reason = this.#reason(firstConnect);
    const previousError = this.#rejection;
    const { signal } = this.#closing;
    const renewed = this.#renewed;
    this.#renewed = undefined;
    let userInfo = renewed;
    try {
      userInfo ??= await source.resolve({ role, reason, firstConnect, server, previousError, signal });
      this.#answerNonce = prepareConnectFields(userInfo.reveal(), sentinel, driver);
      return (this.#userInfo = userInfo);
    } catch (error) {
      if (userInfo) source.report(userInfo, 'rejected');
      throw firstConnect ? this.#final(asError(error)) : error;
    }
  }

  #reason(firstConnect: boolean): RefreshReason {
    if (this.#rejection) return 'rejected';
    return firstConnect && (this.#settings.kind ?? 'initial') === 'initial' ? 'connect' : 'reconnect';
  }

  /** @internal Called by the protocol handler. */
  connectFields(nonce: string | undefined): ConnectFields | Promise<ConnectFields> {
    return this.#answerNonce(nonce);
  }

  /** @internal Called by the protocol handler. */
  connectRefused(serverMessage: string | undefined, cause?: Error): Error {
    const kind = serverMessage === undefined ? undefined : classifyServerError(serverMessage);
    if (kind && serverMessage !== undefined) return new RejectedError(kind, serverMessage);
    const connectLength = JSON.stringify(this.#handler.authenticate()).length + REST_OF_CONNECT_BYTES;
    return new ConnectRefusedError(serverMessage, connectLength, { cause });
  }

  /** @internal Called by the protocol handler. */
  lameDuck(): void {
    if (this.#retired) return;
    this.#settings.events.emit('lameDuck', { ...this.#identity(), server: this.#server ?? '' });
    this.#settings.onLameDuck?.();
  }

  /** @internal Called by the protocol handler. */
  serverError(serverMessage: string): void {
    const denied = deniedPermission(serverMessage);
    if (denied) this.#settings.session?.permissionDenied?.(denied.operation, denied.subject);
    const kind = classifyServerError(serverMessage);
    if (!kind || !this.#userInfo || this.#rejection || this.#retired) return;
    this.#settings.source.report(this.#userInfo, 'rejected');
    this.#rejected(new RejectedError(kind, serverMessage));
  }

  /** @internal Called by the protocol handler. */
  disconnected(error: Error | undefined): void {
    if (this.#state === 'connected') this.#state = 'disconnected';
    this.#settings.session?.disconnected?.();
    if (!this.#retired) {
      this.#settings.events.emit('disconnected', { ...this.#identity(), error: this.#rejection ?? error });
    }
  }

  /** @internal Called by the protocol handler. */
  closing(): void {
    this.#closing.abort(this.#closedError());
    this.#release();
  }

  #connected(server: string, userInfo: ResolvedUserInfo): void {
    const { events, kind: firstKind = 'initial', source } = this.#settings;
    source.report(userInfo, 'accepted');
    if (!this.#everConnected) this.#release = source.hold();
    const replaced = this.#rejection ? 'rejected' : this.#rotating;
    if (replaced) this.tellReplaced(replaced);
    const kind = this.#everConnected ? 'reconnect' : firstKind;
    this.#everConnected = true;
    this.#accepted = userInfo;
    this.#rejection = undefined;
    this.#rotating = undefined;
    this.#state = 'connected';
    this.#server = server;
    this.#settings.session?.connected?.();
    events.emit('connected', { ...this.#identity(), kind, server, userInfo: userInfo.toJSON() });
    this.#onConnected();
  }

  #rejected(error: RejectedError): void {
    this.#rejection = error;
    this.#settings.events.emit('rejected', { ...this.#identity(), error });
  }

  /** Ends the dial loop with this error, also under `waitOnFirstConnect`. */
  #final(error: Error): Error {
    this.#handler.abortReconnect = true;
    return error;
  }

  #closed(error: Error | undefined): void {
    this.#state = 'closed';
    // An attempt to take over that failed is told by `rotated`, and the connection that it was for goes on.
    const attempt = !this.#everConnected && (this.#settings.kind ?? 'initial') !== 'initial';
    if (!this.#retired && !attempt) this.#settings.events.emit('closed', { ...this.#identity(), error });
  }

  #identity(): { connection: string; role: Role } {
    return { connection: this.#settings.name, role: this.#settings.role };
  }

  #closedError(): ClosedError {
    return new ClosedError(`The ${this.#settings.role} connection '${this.#settings.name}'`);
  }
}
