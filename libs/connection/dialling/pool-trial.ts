import { asError, type Clock } from '../../base/index.js';
import type { CredentialSource, ResolvedUserInfo } from '../../credentials/index.js';
import type { ServerPoolInternals } from '../drivers/internals.js';
import { RejectedError, SigningFailedError, SuspectedRejectionError } from '../errors.js';
import { DialRound, type Verdict, verdictAmong } from './dial-round.js';

/** What a trial is made of. */
export interface PoolTrialSettings {
  readonly source: Pick<CredentialSource, 'report'>;
  readonly clock: Clock;
  /** Attempts before the first connect fails. */
  readonly maxOnConnect: number;
  /** Goes on until a server can be used, also before the first connect. */
  readonly waits: boolean;
}

/**
 * Shows user info to the servers of the pool. What one of them does not accept another may: it is out of use when none of them has
 * accepted it, and that counts as one attempt.
 */
export class PoolTrial {
  readonly #settings: PoolTrialSettings;
  readonly #round = new DialRound();
  /** What a server of this round did not accept, until the others have been shown it, too. */
  #shown?: { readonly userInfo: ResolvedUserInfo; readonly outcome: 'rejected' | 'suspected' };
  /** What the addresses of the server whose turn it is have said of it. */
  #verdict?: Verdict;
  #connectedOnce = false;
  #attempts = 0;
  /** Servers that did not accept what they were shown last, before the first connect. */
  readonly #refusing = new Set<string>();

  constructor(settings: PoolTrialSettings) {
    this.#settings = settings;
  }

  /** What to show to the next server, if that is not for the source to say. */
  get userInfo(): ResolvedUserInfo | undefined {
    if (this.#shown && this.#shown.userInfo.remaining(this.#settings.clock.now()) <= 0) this.end();
    return this.#shown?.userInfo;
  }

  /** A server's turn begins. */
  begin(server: string, pool: ServerPoolInternals): void {
    // nats.js begins a second time with the server that it began with.
    const failure = this.#connectedOnce ? undefined : this.#round.outOfTurn(server, namesOf(pool));
    if (failure) throw failure;
    this.#verdict = undefined;
  }

  /** Whether the source, and not the pace of reconnects, keeps the next dial of this server back. */
  isBackedOff(server: string): boolean {
    return this.#refusing.has(server);
  }

  /** One address of a server has failed. */
  addressFailed(error: Error, userInfo: ResolvedUserInfo): void {
    this.#verdict = verdictAmong([this.#verdict, error]);
    if (error instanceof RejectedError) this.#shown = { userInfo, outcome: 'rejected' };
    else if (error instanceof SuspectedRejectionError) this.#shown ??= { userInfo, outcome: 'suspected' };
    else if (userInfo !== this.#shown?.userInfo) this.#settings.source.report(userInfo, 'failed');
  }

  /**
   * No address of a server has accepted.
   * @returns the error to tell, and whether that is the end of the first connect.
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

  /** What was shown is shown to no other server. */
  end(): void {
    if (this.#shown) this.#settings.source.report(this.#shown.userInfo, this.#shown.outcome);
    this.#shown = undefined;
  }

  #settleBeforeConnect(server: string, pool: ServerPoolInternals): void {
    if (this.#verdict && !(this.#verdict instanceof SigningFailedError)) this.#refusing.add(server);
    else this.#refusing.delete(server);
    // As nats.js does: a server that cannot be used is not tried again before the first connect.
    if (!this.#settings.waits && !this.#verdict) remove(pool, server);
  }

  #counts(verdict: Verdict): boolean {
    // A network that breaks connections is no worse than one that is not there.
    return !(this.#settings.waits && verdict instanceof SuspectedRejectionError);
  }
}

function namesOf(pool: ServerPoolInternals): string[] {
  return pool.getServers().map(String);
}

/** `removeServer` of nats.js removes the last server in the place of one that is not there. */
function remove(pool: ServerPoolInternals, name: string): void {
  for (const server of pool.getServers().filter((other) => other.toString() === name))
    pool.removeServer(server);
}
