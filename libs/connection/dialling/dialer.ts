import {
  asError,
  ClosedError,
  type Clock,
  isRetryable,
  type LateAbort,
  NatsAuthError,
  scrub,
  systemClock,
} from '../../base/index.js';
import type { CredentialSource, RefreshReason, ResolvedUserInfo, Role } from '../../credentials/index.js';
import {
  type AnswerNonce,
  type ConnectFields,
  prepareConnectFields,
  type Sentinel,
} from './connect-fields.js';
import { verdictAmong } from './dial-round.js';
import type { Driver } from '../drivers/driver.js';
import type { ServerPoolInternals } from '../drivers/internals.js';
import {
  ConnectRefusedError,
  lengthHint,
  NoRoomError,
  RejectedError,
  SigningFailedError,
  slowSignerHint,
  SuspectedRejectionError,
} from '../errors.js';
import type { RejectionSettings } from '../options.js';
import { PoolTrial } from './pool-trial.js';
import { StillThereError } from './leave-server.js';
import type { ReconnectPace } from './reconnect-pace.js';
import { parseServerError, type RejectionKind } from './server-error.js';
import { ServerUnreachableError } from './unreachable.js';

/** What a dialer is made of. */
export interface DialerSettings {
  readonly role: Role;
  readonly driver: Driver;
  readonly source: CredentialSource;
  readonly rejection: RejectionSettings;
  readonly sentinel?: Sentinel;
  readonly pace: ReconnectPace;
  /** Goes on until a server can be used, also before the first connect. */
  readonly waits: boolean;
  readonly pool: ServerPoolInternals;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Why the provider is asked before the first connect: a connection that takes over was connected, in a way. */
  readonly firstReason: 'connect' | 'reconnect';
  /** Aborts when the connection is closed. */
  readonly abort: LateAbort;
  /** @param afterExpiryMs how long after its expiry the server has ended a connection as expired; negative for before. */
  readonly onRejected: (error: RejectedError, afterExpiryMs?: number) => void;
  /** A dial of this address failed for another reason. */
  readonly onFailed: (address: string, error: NatsAuthError) => void;
  /** Ends the dial loop: the error of this dial is final, also under `waitOnFirstConnect`. */
  readonly giveUp: () => void;
  /** Calls back once, when a server that was away answers again, unless the function that it returns is called before. */
  readonly whenServerIsBack?: (back: () => void) => () => void;
}

/** An establishment that the server accepted. */
export interface Established {
  readonly userInfo: ResolvedUserInfo;
  readonly first: boolean;
  /** The rejection that made it necessary. */
  readonly after?: RejectedError;
}

const noFields: AnswerNonce = () => ({});

/** About what `CONNECT` has beside credentials, in bytes. */
const REST_OF_CONNECT_BYTES = 140;

/**
 * Dials with user info from the source: resolves before a socket opens, tells the source how the server took it, and
 * decides what a refusal means.
 */
export class Dialer {
  readonly #settings: DialerSettings;
  #next?: ResolvedUserInfo;
  /** What the server is being shown, or has accepted. */
  #presented?: ResolvedUserInfo;
  #answerNonce = noFields;
  readonly #trial: PoolTrial;
  #rejection?: RejectedError;
  #suspicion?: SuspectedRejectionError;
  /** Since when an asynchronous signer has been at work for the dial under way, in ms of `performance.now()`. */
  #signingSince?: number;
  #connectedOnce = false;
  /** When it began to wait for its turn, in ms since the epoch, until it is dialled. */
  #since?: number;
  /** Ends all dials: what nats.js tries after it would hide it. */
  #finalError?: Error;
  /** What a server said, or the signer, since the last connect. */
  #refused?: NatsAuthError;
  /** A server has answered since the last connect: they are not away. */
  #answered = false;

  constructor(settings: DialerSettings) {
    this.#settings = settings;
    const { clock = systemClock, pool, source, rejection, waits } = settings;
    this.#trial = new PoolTrial({ clock, pool, source, waits, maxOnConnect: rejection.maxOnConnect });
  }

  get connectedOnce(): boolean {
    return this.#connectedOnce;
  }

  /** Why the server ended or refused the last establishment; `undefined` once another was accepted. */
  get rejection(): RejectedError | undefined {
    return this.#rejection;
  }

  /** The next dial presents this without asking the source: it was refreshed for that dial. */
  presentNext(userInfo: ResolvedUserInfo | undefined): void {
    this.#next = userInfo;
  }

  /** A connection that is well is going to be dialled again: it need not wait as after a failed dial. */
  dialAtOnce(): void {
    this.#settings.pace.reset();
  }

  /** The connection is closed: whoever keeps it keeps no secret with it. */
  forget(): void {
    this.#trial.end();
    this.#next = this.#presented = undefined;
    this.#answerNonce = noFields;
  }

  /** Why no server was connected to: what a server said tells more than that another one could not be reached. */
  reason(thrown: unknown): Error {
    return thrown instanceof NatsAuthError ? thrown : (this.#refused ?? asError(thrown));
  }

  /** Dials a server of the pool when its turn has come. */
  async dialServer(server: string, attempt: () => Promise<void>): Promise<void> {
    const { clock = systemClock, pace, abort } = this.#settings;
    this.#trial.begin(server);
    this.#since = clock.now();
    if (!this.#trial.isBackedOff(server)) {
      const turn = pace.wait(server, abort);
      // What was resolved for another server may be out of date by then.
      if (turn) this.#trial.end();
      await turn;
    }
    try {
      await attempt();
    } catch (thrown) {
      // Its name has no address.
      if (this.#isWaiting()) this.#tellFailed(server, asError(thrown));
      const { error, final } = this.#trial.serverFailed(server, thrown);
      throw this.#finalError ?? (final ? this.#final(error) : error);
    }
  }

  /** None of the addresses of the server whose turn it is has been dialled. */
  #isWaiting(): boolean {
    return this.#since !== undefined;
  }

  /** Dials an address of the server whose turn it is. */
  async dial(address: string, attempt: () => Promise<void>): Promise<Established> {
    const { driver, abort } = this.#settings;
    const since = this.#since;
    this.#since = undefined;
    // A name may have more addresses, and nats.js would go on to them.
    if (this.#finalError) throw this.#finalError;
    const userInfo = await this.#prepare(address, since);
    try {
      abort.throwIfAborted();
      driver.useNodeTransport();
      await attempt();
      return this.#accepted(userInfo);
    } catch (thrown) {
      // nats.js rejects with nothing when the server hangs up before its INFO.
      const error = thrown === undefined ? this.refusal(undefined) : asError(thrown);
      throw this.#addressFailed(address, error, userInfo);
    } finally {
      this.#signingSince = undefined;
    }
  }

  /** What to present to a server that sent a nonce; who signs nothing does not read it. */
  answer(nonce: () => string | undefined): ConnectFields | Promise<ConnectFields> {
    const fields = this.#answerNonce(nonce);
    if (!(fields instanceof Promise)) return fields;
    const since = (this.#signingSince = performance.now());
    return fields.finally(() => {
      if (this.#signingSince === since) this.#signingSince = undefined;
    });
  }

  /**
   * The error that a server means by its -ERR, or by hanging up, while `CONNECT` is unanswered.
   * @param shown what it has been shown of the user info.
   */
  refusal(serverMessage: string | undefined, shown: ConnectFields = {}, cause?: Error): Error {
    const presented = JSON.stringify(shown);
    const length = presented.length + REST_OF_CONNECT_BYTES;
    if (serverMessage === undefined) {
      return presented === '{}'
        ? new ConnectRefusedError(undefined, length, { cause })
        : new SuspectedRejectionError(length, { cause });
    }
    const error = parseServerError(serverMessage);
    const said = this.quote(serverMessage, error);
    switch (error.type) {
      case 'rejected':
        return new RejectedError(error.kind, said, this.#hint(error.kind));
      case 'capacity':
        return new NoRoomError(said, length, { cause });
      case 'tooLong':
        return new ConnectRefusedError(said, length, { cause }, lengthHint(length));
      default:
        return new ConnectRefusedError(said, length, { cause });
    }
  }

  /** An established connection was told this; a rejection takes what it presented out of use, once. */
  heard(serverMessage: string, said = parseServerError(serverMessage)): void {
    if (said.type !== 'rejected' || !this.#presented || this.#rejection) return;
    const { source, clock = systemClock } = this.#settings;
    source.report(this.#presented, 'rejected');
    const { expiresAt } = this.#presented;
    const isKnown = said.kind === 'expired' && expiresAt !== undefined;
    const error = new RejectedError(said.kind, this.quote(serverMessage, said));
    this.#reject(error, isKnown ? clock.now() - expiresAt : undefined);
  }

  /** What a server said, without secrets: it may hold what it was shown. The subject of a refusal stays as it is. */
  quote(serverMessage: string, said = parseServerError(serverMessage)): string {
    if (said.type === 'denied') return serverMessage;
    return this.#presented?.scrub(serverMessage) ?? scrub(serverMessage);
  }

  /** Resolves user info and all of `CONNECT` that does not depend on the server. */
  async #prepare(server: string, since: number | undefined): Promise<ResolvedUserInfo> {
    const { source, role, driver, sentinel = {}, abort } = this.#settings;
    const firstConnect = !this.#connectedOnce;
    const previousError = this.#rejection ?? this.#suspicion;
    let userInfo = this.#next ?? this.#trial.userInfo;
    this.#next = undefined;
    try {
      if (!userInfo) {
        const reason = this.#reason();
        const request = { role, reason, firstConnect, server, previousError, abort, since };
        userInfo = await source.resolve(request).finally(this.#lookForServers());
      }
      this.#answerNonce = prepareConnectFields(userInfo.reveal(), sentinel, driver);
      return (this.#presented = userInfo);
    } catch (error) {
      if (userInfo) source.report(userInfo, 'rejected');
      throw firstConnect ? this.#final(asError(error)) : error;
    }
  }

  /** A server that is back is a sign that the provider is, too: both may have been away together. */
  #lookForServers(): (() => void) | undefined {
    if (!this.#connectedOnce || this.#answered || this.#rejection) return undefined;
    const { whenServerIsBack, source } = this.#settings;
    return whenServerIsBack?.(() => {
      this.#answered = true;
      source.hurry();
    });
  }

  #hint(kind: RejectionKind): string {
    if (kind !== 'timeout' || this.#signingSince === undefined) return '';
    return slowSignerHint(performance.now() - this.#signingSince);
  }

  #reason(): RefreshReason {
    if (this.#rejection) return 'rejected';
    return this.#connectedOnce ? 'reconnect' : this.#settings.firstReason;
  }

  #accepted(userInfo: ResolvedUserInfo): Established {
    this.#trial.accepted(userInfo);
    const established = { userInfo, first: !this.#connectedOnce, after: this.#rejection };
    this.#connectedOnce = true;
    this.#rejection = this.#suspicion = this.#refused = undefined;
    this.#answered = false;
    return established;
  }

  #addressFailed(address: string, error: Error, userInfo: ResolvedUserInfo): Error {
    this.#trial.addressFailed(error, userInfo);
    if (error instanceof RejectedError) this.#reject(error);
    else this.#tellFailed(address, error);
    if (error instanceof SuspectedRejectionError) this.#suspicion = error;
    if (error instanceof NatsAuthError) this.#refused = verdictAmong([error, this.#refused]) ?? error;
    const isFinal = error instanceof SigningFailedError && !this.#connectedOnce && !isRetryable(error.cause);
    return isFinal ? this.#final(error) : error;
  }

  #tellFailed(address: string, error: Error): void {
    if (this.#settings.abort.aborted || error instanceof ClosedError || error instanceof StillThereError)
      return;
    this.#answered = error instanceof NatsAuthError;
    const told = error instanceof NatsAuthError ? error : ServerUnreachableError.of(address, error);
    this.#settings.onFailed(address, told);
  }

  #reject(error: RejectedError, afterExpiryMs?: number): void {
    this.#rejection = error;
    this.#settings.onRejected(error, afterExpiryMs);
  }

  #final(error: Error): Error {
    this.#trial.end();
    this.#settings.giveUp();
    return (this.#finalError = error);
  }
}
