import { type Clock, describeError, systemClock } from '../../base/index.js';
import {
  type Cause,
  type CredentialSource,
  type Hold,
  type ResolvedUserInfo,
  type Role,
  saysTheSame,
  UserInfoInvalidError,
} from '../../credentials/index.js';
import {
  type AnswerNonce,
  type ConnectFields,
  prepareConnectFields,
  type Sentinel,
} from '../dialling/connect-fields.js';
import type { Driver } from '../drivers/driver.js';
import { SuspectedRejectionError } from '../errors.js';
import { type DialRound, nextRound } from './repeated-dials.js';

/** The settings and collaborators of {@link DialCredentials}. */
export interface DialCredentialsSettings {
  readonly role: Role;
  readonly source: CredentialSource;
  readonly driver: Driver;
  readonly sentinel?: Sentinel;
  /** The pause of the driver between two dials of one server, in ms. Default: 2,000. */
  readonly reconnectTimeWait?: number;
  /** Ends what is done for these connections: nothing is refreshed for them any more. */
  readonly signal?: AbortSignal;
  /** Default: the system clock. */
  readonly clock?: Clock;
}

/** Why connections are to move to newer user info. */
export type MoveCause = Extract<Cause, 'expiring' | 'changed' | 'manual'>;

/** User info, and what `CONNECT` shows of it. */
interface Prepared {
  readonly userInfo: ResolvedUserInfo;
  readonly answerNonce: AnswerNonce;
}

/**
 * What connections present that others open and dial: the newest user info of a source, which is kept fresh for them. A driver asks for it
 * at once and says nothing of how the dial ended.
 */
export class DialCredentials {
  // `#private`: what a caller is given shows no secret.
  readonly #settings: DialCredentialsSettings;
  readonly #clock: Clock;
  readonly #over = new AbortController();
  readonly #newerListeners = new Set<(cause: MoveCause) => void>();
  readonly #stopListening: () => void;
  #newest: Prepared;
  #round?: DialRound<ResolvedUserInfo>;
  #hold?: Hold;
  #isFetching = false;
  /** How many connections are open of those that are followed. */
  #followed = 0;
  /** What has been complained about, so that each is named once. */
  readonly #unusable = new WeakSet<ResolvedUserInfo>();

  /**
   * Resolves once there is user info to present.
   * @throws {@link UserInfoUnavailableError} the provider failed `refresh.retry.maxAttempts` times.
   * @throws {@link UserInfoInvalidError} it cannot be presented, or its signer is asynchronous.
   * @throws {@link SigningFailedError} the signer failed.
   * @throws {@link ClosedError} the source is closed.
   */
  static async create(settings: DialCredentialsSettings): Promise<DialCredentials> {
    const { source, role, signal } = settings;
    source.beginAfresh();
    const userInfo = await source.resolve({ role, reason: 'connect', firstConnect: true, signal });
    try {
      const newest = prepare(userInfo, settings);
      signed(newest, 'a nonce to try');
      // Somebody is going to send it, and nobody is going to say what the server makes of it.
      source.report(userInfo, 'failed');
      return new DialCredentials(settings, newest);
    } catch (error) {
      // Connections of another kind may be able to present it.
      source.report(userInfo, 'unsent');
      throw error;
    }
  }

  private constructor(settings: DialCredentialsSettings, newest: Prepared) {
    const { source, signal, clock = systemClock } = settings;
    this.#settings = settings;
    this.#clock = clock;
    this.#newest = newest;
    this.#use(newest.userInfo);
    this.#stopListening = source.onNewer((userInfo, cause) => {
      if (this.#hold) this.#use(userInfo);
      this.moved(cause);
    });
    if (signal?.aborted) this.end();
    else signal?.addEventListener('abort', () => this.end(), { once: true });
  }

  /** The authentication fields of one `CONNECT`. It never throws: nats.js would close the connection for good. */
  present(nonce: string | undefined): ConnectFields {
    const newest = this.#prepareNewest();
    this.#use(newest.userInfo);
    this.#dialled(newest.userInfo);
    try {
      return signed(newest, nonce);
    } catch (error) {
      this.#complain(newest.userInfo, error);
      return unsigned(newest);
    }
  }

  /** A server has accepted, or rejected, what was presented last. */
  report(outcome: 'accepted' | 'rejected'): void {
    const { source } = this.#settings;
    const userInfo = this.#round?.presented;
    if (!userInfo) return;
    source.report(userInfo, outcome);
    if (outcome === 'rejected' && source.current === undefined) this.#fetch('rejected');
  }

  /** Calls `listener` when there is newer user info that connections are to move to. The returned function unsubscribes. */
  onNewer(listener: (cause: MoveCause) => void): () => void {
    this.#newerListeners.add(listener);
    return () => void this.#newerListeners.delete(listener);
  }

  /** There is newer user info, and all connections are to move to it. */
  moved(cause: MoveCause): void {
    for (const listener of this.#newerListeners) listener(cause);
  }

  /** A connection that is followed is open. */
  joined(): void {
    this.#followed++;
  }

  /** It is closed. With the last one nothing is refreshed any more, until somebody dials. */
  left(): void {
    if (--this.#followed === 0) this.#rest();
  }

  /** Nothing is refreshed any more; what was there last is presented for as long as somebody dials. */
  end(): void {
    this.#over.abort();
    this.#stopListening();
    this.#rest();
  }

  #rest(): void {
    this.#hold?.release();
    this.#hold = undefined;
  }

  #use(userInfo: ResolvedUserInfo): void {
    if (this.#over.signal.aborted) return;
    this.#hold ??= this.#settings.source.hold();
    this.#hold.use(userInfo);
  }

  /** What was rejected is presented for want of anything better: the driver goes on dialling, and finds what is newer the next time. */
  #prepareNewest(): Prepared {
    const { source } = this.#settings;
    const { current } = source;
    if (!current || current === this.#newest.userInfo) return this.#newest;
    try {
      this.#newest = prepare(current, this.#settings);
    } catch (error) {
      source.report(current, 'rejected');
      this.#complain(current, error);
    }
    return this.#newest;
  }

  #dialled(userInfo: ResolvedUserInfo): void {
    const { source, reconnectTimeWait = 2_000 } = this.#settings;
    const now = this.#clock.now();
    const before = this.#round;
    const { round, lasted, says } = nextRound(before, userInfo, now, saysTheSame, reconnectTimeWait);
    this.#round = round;
    if (before && lasted) source.report(before.presented, 'accepted');
    if (says === 'nothing') return;
    // What has expired needs no suspicion.
    const isSuspected = says === 'refused' && userInfo.remaining(now) > 0;
    if (isSuspected) source.report(userInfo, 'suspected');
    this.#fetch(isSuspected ? 'rejected' : 'reconnect');
  }

  /** The dial under way has what there is; the next one has what this gives. */
  #fetch(reason: 'reconnect' | 'rejected'): void {
    const { source, role } = this.#settings;
    const { signal } = this.#over;
    if (this.#isFetching || signal.aborted) return;
    this.#isFetching = true;
    const previousError = reason === 'rejected' ? new SuspectedRejectionError(0) : undefined;
    const afterLoss = {
      fetched: source.fetched,
      sent: this.#round?.presented,
      worthIt: () => Promise.resolve(),
    };
    source
      .prefetch({ role, reason, firstConnect: false, previousError, signal, afterLoss })
      .then(() => {
        if (source.current && this.#hold) this.#use(source.current);
      })
      // The event of the call has told of the failure, and a later dial asks again.
      .catch(() => {})
      .finally(() => (this.#isFetching = false));
  }

  #complain(userInfo: ResolvedUserInfo, error: unknown): void {
    if (this.#unusable.has(userInfo)) return;
    this.#unusable.add(userInfo);
    process.emitWarning(`What the user info provider gave cannot be presented: ${describeError(error)}`);
  }
}

function prepare(userInfo: ResolvedUserInfo, { sentinel = {}, driver }: DialCredentialsSettings): Prepared {
  return { userInfo, answerNonce: prepareConnectFields(userInfo.reveal(), sentinel, driver) };
}

/** @throws {UserInfoInvalidError} the signer is asynchronous. */
function signed({ answerNonce }: Prepared, nonce: string | undefined): ConnectFields {
  const fields = answerNonce(() => nonce);
  if (!(fields instanceof Promise)) return fields;
  fields.catch(() => {});
  throw new UserInfoInvalidError(
    'sign',
    `returned a promise, but a connection that a library opens itself asks for the signature at once. Let 'sign' return a Uint8Array, or` +
      ` use the connection of @InjectNatsAuthConnection(), which waits for it.`,
  );
}

/** A server that wants a signature rejects it, and the driver goes on dialling. */
function unsigned({ answerNonce }: Prepared): ConnectFields {
  const fields = answerNonce(() => undefined);
  return fields instanceof Promise ? {} : fields;
}
