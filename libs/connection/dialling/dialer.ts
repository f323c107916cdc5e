import {
  asError,
  type Clock,
  type CredentialSource,
  isRetryable,
  type LateAbort,
  NatsAuthError,
  type RefreshReason,
  type ResolvedUserInfo,
  type Role,
  scrub,
  systemClock,
} from '../../credentials/index.js';
import {
  type AnswerNonce,
  type ConnectFields,
  prepareConnectFields,
  type Sentinel,
} from './connect-fields.js';
import type { Driver } from '../drivers/driver.js';
import { ConnectRefusedError, RejectedError, SigningFailedError, slowSignerHint } from '../errors.js';
import type { RejectionSettings } from '../options.js';
import type { ReconnectPace } from './reconnect-pace.js';
import { classifyServerError, deniedPermission, type RejectionKind } from './rejection.js';

/** What a dialer is made of. */
export interface DialerSettings {
  readonly role: Role;
  readonly driver: Driver;
  readonly source: CredentialSource;
  readonly rejection: RejectionSettings;
  readonly sentinel?: Sentinel;
  readonly pace: ReconnectPace;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Why the provider is asked before the first connect: a connection that takes over was connected, in a way. */
  readonly firstReason: 'connect' | 'reconnect';
  /** Aborts when the connection is closed. */
  readonly abort: LateAbort;
  readonly onRejected: (error: RejectedError) => void;
  /** Ends the dial loop: the error of this dial is final, also under `waitOnFirstConnect`. */
  readonly giveUp: () => void;
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
  #rejection?: RejectedError;
  /** How often the server rejected, or the signer failed, before the first connect. */
  #failuresOnConnect = 0;
  /** Since when an asynchronous signer has been at work for the dial under way, in ms of `performance.now()`. */
  #signingSince?: number;
  #connectedOnce = false;
  /** The server of the pool whose turn it is. */
  #server?: string;
  /** When it began to wait for its turn, in ms since the epoch, until it is dialled. */
  #since?: number;
  /** Ends all dials: what nats.js tries after it would hide it. */
  #finalError?: Error;
  /** The last refusal in a server's own words. */
  #refused?: ConnectRefusedError;

  constructor(settings: DialerSettings) {
    this.#settings = settings;
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
    this.#next = this.#presented = undefined;
    this.#answerNonce = noFields;
  }

  /** Waits until a server of the pool may be dialled again, if it may not yet. */
  turn(server: string): Promise<void> | undefined {
    const { clock = systemClock, pace, abort } = this.#settings;
    this.#server = server;
    this.#since = clock.now();
    return pace.wait(server, abort);
  }

  /** Why no server was connected to: what a server said tells more than that another one could not be reached. */
  reason(thrown: unknown): Error {
    return thrown instanceof NatsAuthError ? thrown : (this.#refused ?? asError(thrown));
  }

  /** Runs one dial of nats.js, to an address of the server whose turn it is. Until the first connect, a rejection is answered with fresh user info in the same dial. */
  async dial(server: string, attempt: () => Promise<void>): Promise<Established> {
    const { driver, pace, rejection, abort, source } = this.#settings;
    const since = this.#since;
    this.#since = undefined;
    for (;;) {
      // A name may have more addresses, and nats.js would go on to them.
      if (this.#finalError) throw this.#finalError;
      const userInfo = await this.#prepare(server, since);
      try {
        abort.throwIfAborted();
        driver.useNodeTransport();
        await attempt();
        return this.#accepted(userInfo);
      } catch (thrown) {
        // nats.js rejects with nothing when the server hangs up before its INFO.
        const error = thrown === undefined ? this.refusal(undefined) : asError(thrown);
        source.report(userInfo, error instanceof RejectedError ? 'rejected' : 'failed');
        if (error instanceof ConnectRefusedError && error.serverMessage !== undefined) this.#refused = error;
        if (error instanceof RejectedError) this.#reject(error);
        else if (!(error instanceof SigningFailedError)) throw error;
        if (this.#connectedOnce) throw error;
        if (++this.#failuresOnConnect >= rejection.maxOnConnect || !isRetryable(error.cause))
          throw this.#final(error);
        // After a rejection the source backs off.
        if (error instanceof SigningFailedError) await pace.wait(this.#server ?? server, abort);
      } finally {
        this.#signingSince = undefined;
      }
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

  /** The error that a server means by its -ERR, or by hanging up, while `CONNECT` is unanswered. */
  refusal(serverMessage: string | undefined, presentedBytes = 0, cause?: Error): Error {
    const kind = serverMessage === undefined ? undefined : classifyServerError(serverMessage);
    const said = serverMessage === undefined ? undefined : this.quote(serverMessage);
    if (kind && said !== undefined) return new RejectedError(kind, said, this.#hint(kind));
    return new ConnectRefusedError(said, presentedBytes + REST_OF_CONNECT_BYTES, { cause });
  }

  /** An established connection was told this; a rejection takes what it presented out of use, once. */
  heard(serverMessage: string): void {
    const kind = classifyServerError(serverMessage);
    if (!kind || !this.#presented || this.#rejection) return;
    this.#settings.source.report(this.#presented, 'rejected');
    this.#reject(new RejectedError(kind, this.quote(serverMessage)));
  }

  /** What a server said, without secrets: it may hold what it was shown. The subject of a refusal stays as it is. */
  quote(serverMessage: string): string {
    if (deniedPermission(serverMessage)) return serverMessage;
    return this.#presented?.scrub(serverMessage) ?? scrub(serverMessage);
  }

  /** Resolves user info and all of `CONNECT` that does not depend on the server. */
  async #prepare(server: string, since: number | undefined): Promise<ResolvedUserInfo> {
    const { source, role, driver, sentinel = {}, abort } = this.#settings;
    const firstConnect = !this.#connectedOnce;
    const previousError = this.#rejection;
    let userInfo = this.#next;
    this.#next = undefined;
    try {
      userInfo ??= await source.resolve({
        role,
        reason: this.#reason(),
        firstConnect,
        server,
        previousError,
        abort,
        since,
      });
      this.#answerNonce = prepareConnectFields(userInfo.reveal(), sentinel, driver);
      return (this.#presented = userInfo);
    } catch (error) {
      if (userInfo) source.report(userInfo, 'rejected');
      throw firstConnect ? this.#final(asError(error)) : error;
    }
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
    this.#settings.source.report(userInfo, 'accepted');
    const established = { userInfo, first: !this.#connectedOnce, after: this.#rejection };
    this.#connectedOnce = true;
    this.#rejection = undefined;
    return established;
  }

  #reject(error: RejectedError): void {
    this.#rejection = error;
    this.#settings.onRejected(error);
  }

  #final(error: Error): Error {
    this.#settings.giveUp();
    return (this.#finalError = error);
  }
}
