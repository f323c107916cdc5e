import {
  asError,
  ClosedError,
  type Clock,
  isRetryable,
  NatsAuthError,
  type Operation,
  scrub,
  sleep,
  withCauses,
} from '../../base/index.js';
import type { CredentialSource, RefreshReason, ResolvedUserInfo, Role } from '../../credentials/index.js';
import {
  type AnswerNonce,
  type ConnectFields,
  prepareConnectFields,
  type Sentinel,
} from './connect-fields.js';
import { verdictAmong } from './dial-round.js';
import { type DialEvent, type DialStep, nextDialStep } from './dial-step.js';
import type { Driver } from '../drivers/driver.js';
import type { InfoInternals, ServerPoolInternals } from '../drivers/internals.js';
import {
  ConnectRefusedError,
  lengthHint,
  NoRoomError,
  RejectedError,
  SigningFailedError,
  slowSignerHint,
  SuspectedRejectionError,
} from '../errors.js';
import type { ConnectionEvent, ConnectionEvents } from '../events.js';
import type { RejectionSettings } from '../options.js';
import type { Outage } from './outage.js';
import { delayAtTheEndMs, fetchAfterMs } from './outage-pace.js';
import { PoolTrial } from './pool-trial.js';
import { StillThereError } from './leave-server.js';
import type { ReconnectPace } from './reconnect-pace.js';
import { parseServerError, type RejectionKind } from './server-error.js';
import { ServerUnreachableError } from './unreachable.js';

/** The settings and collaborators of a dialer. */
export interface DialerSettings {
  readonly role: Role;
  readonly driver: Driver;
  readonly source: CredentialSource;
  readonly rejection: RejectionSettings;
  readonly sentinel?: Sentinel;
  readonly pace: ReconnectPace;
  /** Keeps dialling until a server can be used, also before the first connect. */
  readonly waits: boolean;
  readonly clock: Clock;
  /** Why the provider is called before the first connect: for a successor it is `reconnect`, because its role was connected before. */
  readonly firstReason: 'connect' | 'reconnect';
  /** The connect that it dials for, if somebody observes that. */
  readonly connecting?: () => Operation | undefined;
  /** Aborted when the connection is closed. */
  readonly signal: AbortSignal;
  /** What the dials are counted for. */
  readonly outage: () => Outage;
  readonly onRejected: (rejection: Rejection) => void;
  /** A dial of this address failed for a reason other than a rejection. */
  readonly onFailed: (failure: DialFailure) => void;
  /** Calls `back` once, when a server that was unreachable answers again, unless the returned function is called first. */
  readonly whenServerIsBack?: (pool: ServerPoolInternals, back: () => void) => () => void;
  /** Resolves when a server answers at an address, and rejects with the reason why it does not; nothing is presented to it. */
  readonly knock?: (address: string) => Promise<void>;
  /** Numbers from 0 to 1 for jitter. */
  readonly random: () => number;
}

/** A server refused the user info, or ended the connection that presented it. */
export type Rejection = Omit<ConnectionEvents['rejected'], keyof ConnectionEvent>;
/** A dial failed for a reason other than a rejection. */
export type DialFailure = Omit<ConnectionEvents['connectFailed'], keyof ConnectionEvent>;

/** A connect that the server accepted. */
export interface Established {
  readonly userInfo: ResolvedUserInfo;
  /** The server's INFO. */
  readonly info?: InfoInternals;
  readonly first: boolean;
  /** The rejection that made this connect necessary. */
  readonly after?: RejectedError;
}

/** The user info that is being presented to the servers, or that one of them has accepted. */
interface Shown {
  /** The address that it is presented to. */
  readonly server: string;
  readonly userInfo: ResolvedUserInfo;
  readonly answerNonce: AnswerNonce;
}

/** The results of the dials since a server last accepted. */
interface SinceConnect {
  readonly rejection?: RejectedError;
  readonly suspicion?: SuspectedRejectionError;
  /** The error with which a server, or the signer, answered. */
  readonly refused?: NatsAuthError;
  /** Why the last address that could not be reached could not. */
  readonly unreachable?: ServerUnreachableError;
  /** A server has answered, so not all of them are unreachable. */
  readonly answered: boolean;
}

/** A connection was lost, though no server has refused its user info. */
interface Loss {
  /** What made `CredentialSource.fetched` exceed this was fetched for the dials that follow. */
  readonly fetched: number;
  /** Aborted when it is over: a server has accepted, or refused what was presented. */
  readonly over: AbortController;
  /** What the provider gave while no server answered. */
  readonly own?: ResolvedUserInfo;
}

const NOTHING_YET: SinceConnect = { answered: false };

/** The approximate size of `CONNECT` without credentials, in bytes. */
const REST_OF_CONNECT_BYTES = 140;

/**
 * Dials with user info from the source: resolves it before a socket opens, reports to the source how the server responded,
 * and decides what a refusal means.
 */
export class Dialer {
  readonly #settings: DialerSettings;
  readonly #trial: PoolTrial;
  /** Presented by the next dial, without asking the source. */
  #next?: ResolvedUserInfo;
  #shown?: Shown;
  #step: DialStep = { step: 'between' };
  #sinceConnect = NOTHING_YET;
  #connectedOnce = false;
  #loss?: Loss;
  /** What was last sent to a server since a connection was lost. */
  #sent?: ResolvedUserInfo;

  /** @param first what the first dial presents instead of what the source provides. */
  constructor(settings: DialerSettings, first?: ResolvedUserInfo) {
    this.#settings = settings;
    this.#next = first;
    const { clock, source, rejection, waits } = settings;
    this.#trial = new PoolTrial({ clock, source, waits, maxOnConnect: rejection.maxOnConnect });
  }

  get connectedOnce(): boolean {
    return this.#connectedOnce;
  }

  /** Whether the error of the last dial is final, also under `waitOnFirstConnect`. */
  get isOver(): boolean {
    return this.#step.step === 'over';
  }

  /** Why the server ended or refused the last connection; `undefined` once it has accepted another. */
  get rejection(): RejectedError | undefined {
    return this.#sinceConnect.rejection;
  }

  /** Makes the next dial present this without asking the source: it was refreshed for that dial. */
  presentNext(userInfo: ResolvedUserInfo | undefined): void {
    this.#next = userInfo;
  }

  /** A healthy connection is about to be dialled again: it need not wait as it would after a failed dial. */
  dialAtOnce(): void {
    this.#settings.pace.reset();
  }

  /**
   * The connection is gone, and is going to be dialled again. Whether a server is there is found out before the provider is called; while
   * none is, it is called once, at a moment of chance.
   */
  lost(): void {
    const { source, role, clock, random, signal } = this.#settings;
    this.#endLoss();
    if (this.rejection || signal.aborted) return;
    const over = new AbortController();
    // What the next dial is to present was fetched before, but for it.
    const fetched = this.#next ? source.fetched - 1 : source.fetched;
    const loss: Loss = { fetched, over };
    this.#loss = loss;
    const request = { role, reason: 'reconnect', firstConnect: false, signal: over.signal } as const;
    const afterLoss = { ...loss, worthIt: () => Promise.resolve() };
    sleep(clock, fetchAfterMs(random), over.signal)
      .then(() => source.prefetch({ ...request, afterLoss }))
      .then((own) => {
        if (own && this.#loss?.over === over) this.#loss = { ...this.#loss, own };
      })
      // Its event has told of the failure. Once a server answers, the next dial calls again.
      .catch(() => {});
  }

  /** Releases all user info on close: an application that keeps the connection object must not keep secrets in memory with it. */
  forget(): void {
    this.#trial.end();
    this.#endLoss();
    this.#next = this.#shown = undefined;
  }

  /** Why no server could be used: a server's refusal is more informative than the fact that another one could not be reached. */
  reason(thrown: unknown): Error {
    if (thrown instanceof NatsAuthError) return thrown;
    const { refused, unreachable } = this.#sinceConnect;
    if (refused) return refused;
    const error = asError(thrown);
    if (!unreachable || error.cause !== undefined) return error;
    // `nats` 2.x says `CONNECTION_REFUSED`, and neither where nor why; what it knows of that, it keeps under a name of its own.
    const [, chained] = withCauses(error);
    const cause = withCauses(unreachable).includes(error) ? chained : unreachable;
    if (cause) error.cause = cause;
    return error;
  }

  /** Dials a server of the pool once the pace of reconnects allows it. */
  async dialServer(server: string, pool: ServerPoolInternals, attempt: () => Promise<void>): Promise<void> {
    const { clock, pace, signal } = this.#settings;
    this.#trial.begin(server, pool);
    this.#apply({ type: 'turn', since: clock.now() });
    if (!this.#trial.isBackedOff(server)) {
      const turn = pace.wait(server, signal);
      // User info that was resolved for another server may be out of date after the wait.
      if (turn) this.#trial.end();
      await turn;
    }
    try {
      await attempt();
    } catch (thrown) {
      // No address was dialled: the host name could not be resolved.
      if (this.#step.step === 'waiting') {
        this.#settings.outage().dialled();
        this.#emitFailed(server, asError(thrown));
      }
      const { error, final } = this.#trial.serverFailed(server, pool, thrown);
      if (this.#step.step === 'over') throw this.#step.error;
      throw final ? this.#final(error) : error;
    }
  }

  /** Dials an address of the server that is next. */
  async dial(
    address: string,
    pool: ServerPoolInternals,
    attempt: () => Promise<InfoInternals | undefined>,
  ): Promise<Established> {
    const { driver, outage, signal } = this.#settings;
    const before = this.#step;
    // A host name may have more addresses, and nats.js would go on to dial them.
    if (before.step === 'over') throw before.error;
    this.#apply({ type: 'address' });
    const userInfo = await this.#prepare(address, pool, before.step === 'waiting' ? before.since : undefined);
    try {
      signal.throwIfAborted();
      outage().dialled();
      driver.useNodeTransport();
      return this.#accepted(userInfo, await attempt());
    } catch (thrown) {
      // nats.js rejects with `undefined` when the server hangs up before its INFO.
      const error = thrown === undefined ? this.refusal(undefined) : asError(thrown);
      throw this.#addressFailed(address, error, userInfo);
    } finally {
      this.#apply({ type: 'ended' });
    }
  }

  /** What to present to a server that sent a nonce; the nonce is read only if there is something to sign. */
  answer(nonce: () => string | undefined): ConnectFields | Promise<ConnectFields> {
    this.#sent = this.#shown?.userInfo;
    const fields = this.#shown?.answerNonce(nonce) ?? {};
    if (!(fields instanceof Promise)) return fields;
    this.#apply({ type: 'signing', since: this.#settings.clock.elapsed() });
    const signing = this.#step;
    return fields.finally(() => {
      if (this.#step === signing) this.#apply({ type: 'signed' });
    });
  }

  /**
   * The error for a server's -ERR, or for its hanging up, while `CONNECT` is unanswered.
   * @param shown the fields of the user info that it has received.
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

  /** Handles an -ERR on an established connection; a rejection invalidates the user info that it presented, once. */
  heard(serverMessage: string, said = parseServerError(serverMessage)): void {
    if (said.type !== 'rejected' || !this.#shown || this.rejection) return;
    const { source, clock } = this.#settings;
    const { userInfo } = this.#shown;
    source.report(userInfo, 'rejected');
    const { expiresAt } = userInfo;
    const isKnown = said.kind === 'expired' && expiresAt !== undefined;
    const error = new RejectedError(said.kind, this.quote(serverMessage, said));
    this.#reject(error, this.#shown, 0, isKnown ? { afterExpiryMs: clock.now() - expiresAt } : {});
  }

  /** The server's message without secrets: it may repeat what it received. The subject of a permission error is left as it is. */
  quote(serverMessage: string, said = parseServerError(serverMessage)): string {
    if (said.type === 'denied') return serverMessage;
    return this.#shown?.userInfo.scrub(serverMessage) ?? scrub(serverMessage);
  }

  #apply(event: DialEvent): void {
    this.#step = nextDialStep(this.#step, event);
  }

  /** Resolves user info, and prepares all of `CONNECT` that does not depend on the server. */
  async #prepare(
    server: string,
    pool: ServerPoolInternals,
    since: number | undefined,
  ): Promise<ResolvedUserInfo> {
    const { source, role, driver, sentinel = {}, signal } = this.#settings;
    const firstConnect = !this.#connectedOnce;
    const { rejection, suspicion } = this.#sinceConnect;
    let userInfo = this.#next ?? this.#trial.userInfo;
    this.#next = undefined;
    let unanswered: Error | undefined;
    const worthIt = () =>
      this.#untilWorthIt(server).catch((error: unknown) => Promise.reject((unanswered = asError(error))));
    try {
      if (!userInfo) {
        const reason = this.#reason();
        const previousError = rejection ?? suspicion;
        const loss = suspicion ? undefined : this.#loss;
        const afterLoss = loss && { fetched: loss.fetched, own: loss.own, sent: this.#sent, worthIt };
        const within = this.#settings.connecting?.();
        const asked = { role, reason, firstConnect, server, previousError, signal };
        const request = { ...asked, since, within, afterLoss };
        userInfo = await source.resolve(request).finally(this.#lookForServers(pool));
      }
      if (this.#loss) this.#loss = { ...this.#loss, own: userInfo };
      const answerNonce = prepareConnectFields(userInfo.reveal(), sentinel, driver);
      this.#shown = { server, userInfo, answerNonce };
      return userInfo;
    } catch (error) {
      if (userInfo) source.report(userInfo, 'rejected');
      if (unanswered && error === unanswered) {
        this.#settings.outage().dialled();
        this.#emitFailed(server, unanswered);
      }
      this.#apply({ type: 'ended' });
      throw firstConnect ? this.#final(asError(error)) : error;
    }
  }

  /** Rejects when no server answers at that address: it would be of no use to have user info. */
  async #untilWorthIt(address: string): Promise<void> {
    const { knock, outage, clock, random, signal } = this.#settings;
    await knock?.(address);
    this.#sinceConnect = { ...this.#sinceConnect, answered: true };
    const delayMs = delayAtTheEndMs(outage().progress.downMs, random);
    if (delayMs >= 1) await sleep(clock, delayMs, signal);
  }

  #endLoss(): void {
    this.#loss?.over.abort(new ClosedError('The outage'));
    this.#loss = this.#sent = undefined;
  }

  /**
   * While all servers are unreachable, watches for one to answer again: that is a sign that the provider can be reached,
   * too, because the same outage may have affected both.
   */
  #lookForServers(pool: ServerPoolInternals): (() => void) | undefined {
    const { answered, rejection } = this.#sinceConnect;
    if (!this.#connectedOnce || answered || rejection) return undefined;
    const { whenServerIsBack, source } = this.#settings;
    return whenServerIsBack?.(pool, () => {
      this.#sinceConnect = { ...this.#sinceConnect, answered: true };
      source.hurry();
    });
  }

  #hint(kind: RejectionKind): string {
    const { clock } = this.#settings;
    const { expiresAt } = this.#shown?.userInfo ?? {};
    // Servers call it a violation like any other.
    if (expiresAt !== undefined && expiresAt <= clock.now())
      return ` They expired at ${new Date(expiresAt).toISOString()}.`;
    if (kind !== 'timeout' || this.#step.step !== 'signing') return '';
    return slowSignerHint(clock.elapsed() - this.#step.since);
  }

  #reason(): RefreshReason {
    if (this.rejection) return 'rejected';
    return this.#connectedOnce ? 'reconnect' : this.#settings.firstReason;
  }

  #accepted(userInfo: ResolvedUserInfo, info: InfoInternals | undefined): Established {
    this.#trial.accepted(userInfo);
    const established = { userInfo, info, first: !this.#connectedOnce, after: this.rejection };
    this.#connectedOnce = true;
    this.#sinceConnect = NOTHING_YET;
    this.#endLoss();
    return established;
  }

  #addressFailed(address: string, error: Error, userInfo: ResolvedUserInfo): Error {
    this.#trial.addressFailed(error, userInfo, this.#sent === userInfo);
    if (error instanceof RejectedError)
      this.#reject(error, { server: address, userInfo }, this.#settings.outage().progress.attempt);
    else this.#emitFailed(address, error);
    if (error instanceof SuspectedRejectionError)
      this.#sinceConnect = { ...this.#sinceConnect, suspicion: error };
    if (error instanceof NatsAuthError) {
      const refused = verdictAmong([error, this.#sinceConnect.refused]) ?? error;
      this.#sinceConnect = { ...this.#sinceConnect, refused };
    }
    const isFinal = error instanceof SigningFailedError && !this.#connectedOnce && !isRetryable(error.cause);
    return isFinal ? this.#final(error) : error;
  }

  #emitFailed(address: string, error: Error): void {
    if (this.#settings.signal.aborted || error instanceof ClosedError || error instanceof StillThereError)
      return;
    const answered = error instanceof NatsAuthError;
    const told = answered ? error : ServerUnreachableError.of(address, error);
    const unreachable = told instanceof ServerUnreachableError ? told : undefined;
    this.#sinceConnect = { ...this.#sinceConnect, answered, ...(unreachable && { unreachable }) };
    this.#settings.onFailed({ server: address, error: told, ...this.#settings.outage().progress });
  }

  #reject(
    error: RejectedError,
    { server, userInfo: { user } }: Pick<Shown, 'server' | 'userInfo'>,
    attempt: number,
    more: Pick<Rejection, 'afterExpiryMs'> = {},
  ): void {
    this.#sinceConnect = { ...this.#sinceConnect, rejection: error };
    this.#endLoss();
    this.#settings.onRejected({ error, server, attempt, ...(user !== undefined && { user }), ...more });
  }

  #final(error: Error): Error {
    this.#trial.end();
    this.#apply({ type: 'final', error });
    return error;
  }
}
