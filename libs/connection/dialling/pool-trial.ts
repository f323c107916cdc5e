import { asError, type Clock } from '../../base/index.js';
import type { CredentialSource, ResolvedUserInfo } from '../../credentials/index.js';
import type { ServerPoolInternals } from '../drivers/internals.js';
import { RejectedError, SigningFailedError, SuspectedRejectionError } from '../errors.js';
import { DialRound, type Verdict, verdictAmong } from './dial-round.js';

/** The settings and collaborators of a trial. */
export interface PoolTrialSettings {
  readonly source: Pick<CredentialSource, 'report'>;
  readonly clock: Clock;
  /** Failed attempts after which the first connect fails. */
  readonly maxOnConnect: number;
  /** Keeps dialling until a server can be used, also before the first connect. */
  readonly waits: boolean;
}

/**
 * Presents user info to the servers of the pool. One server may accept what another refuses: user info is invalid only when
 * none of them has accepted it, and that counts as one attempt.
 */
export class PoolTrial {
  readonly #settings: PoolTrialSettings;
  readonly #round = new DialRound();
  /** What a server of this round refused, until the others have been tried with it, too. */
  #shown?: { readonly userInfo: ResolvedUserInfo; readonly outcome: 'rejected' | 'suspected' };
  /** The verdict of the addresses of the current server. */
  #verdict?: Verdict;
  #connectedOnce = false;
  #attempts = 0;
  /** Servers that refused what was last presented to them, before the first connect. */
  readonly #refusing = new Set<string>();

  constructor(settings: PoolTrialSettings) {
    this.#settings = settings;
  }

  /** What to present to the next server; `undefined` if the source decides. */
  get userInfo(): ResolvedUserInfo | undefined {
    if (this.#shown && this.#shown.userInfo.remaining(this.#settings.clock.now()) <= 0) this.end();
    return this.#shown?.userInfo;
  }

  /** The dial of a server begins. */
  begin(server: string, pool: ServerPoolInternals): void {
    // nats.js starts by dialling its first server twice.
    const failure = this.#connectedOnce ? undefined : this.#round.outOfTurn(server, namesOf(pool));
    if (failure) throw failure;
    this.#verdict = undefined;
  }

  /** Whether the backoff of the source, and not the pace of reconnects, delays the next dial of this server. */
  isBackedOff(server: string): boolean {
    return this.#refusing.has(server);
  }

  /**
   * A dial of one address of a server has failed.
   * @param sent whether a server has received the user info.
   */
  addressFailed(error: Error, userInfo: ResolvedUserInfo, sent: boolean): void {
    this.#verdict = verdictAmong([this.#verdict, error]);
    if (error instanceof RejectedError) this.#shown = { userInfo, outcome: 'rejected' };
    else if (error instanceof SuspectedRejectionError) this.#shown ??= { userInfo, outcome: 'suspected' };
    else if (userInfo !== this.#shown?.userInfo)
      this.#settings.source.report(userInfo, sent ? 'failed' : 'unsent');
  }

  /**
   * None of the addresses of a server has accepted.
   * @returns the error to throw, and whether it ends the first connect.
   */
  serverFailed(
    server: string,
    pool: ServerPoolInternals,
    thrown: unknown,
  ): { readonly error: Error; readonly final: boolean } {
    const error = this.#verdict ?? asError(thrown);
    this.#round.failed(server, error);
    if (!this.#connectedOnce) this.#settleBeforeConnect(server, pool);
    if (!this.#round.isOver(namesOf(pool))) return { error, final: false };
    const verdict = this.#round.end();
    this.end();
    const counts = !this.#connectedOnce && verdict && this.#counts(verdict);
    const final = counts && ++this.#attempts >= this.#settings.maxOnConnect;
    return final ? { error: verdict, final } : { error, final: false };
  }

  accepted(userInfo: ResolvedUserInfo): void {
    this.#settings.source.report(userInfo, 'accepted');
    this.#connectedOnce = true;
    this.#shown = undefined;
    this.#refusing.clear();
    this.#round.end();
  }

  /** Ends the trial: the user info is not presented to another server. */
  end(): void {
    if (this.#shown) this.#settings.source.report(this.#shown.userInfo, this.#shown.outcome);
    this.#shown = undefined;
  }

  #settleBeforeConnect(server: string, pool: ServerPoolInternals): void {
    if (this.#verdict && !(this.#verdict instanceof SigningFailedError)) this.#refusing.add(server);
    else this.#refusing.delete(server);
    // As in nats.js, a server that cannot be used is not tried again before the first connect.
    if (!this.#settings.waits && !this.#verdict) remove(pool, server);
  }

  #counts(verdict: Verdict): boolean {
    // A network that breaks connections counts no more than one that is unreachable.
    return !(this.#settings.waits && verdict instanceof SuspectedRejectionError);
  }
}

function namesOf(pool: ServerPoolInternals): string[] {
  return pool.getServers().map(String);
}

/** Removes a server if it is in the pool: `removeServer` of nats.js would remove the last one instead of one that is not there. */
function remove(pool: ServerPoolInternals, name: string): void {
  for (const server of pool.getServers().filter((other) => other.toString() === name))
    pool.removeServer(server);
}
