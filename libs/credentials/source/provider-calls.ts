import {
  type Backoff,
  type Clock,
  inOwnContext,
  type Observer,
  type Operation,
  Pauses,
  systemClock,
} from '../../base/index.js';
import type { RefreshReason } from '../cause.js';
import { derived } from '../provider/derived.js';
import type { Role, UserInfoProvider, UserInfoRequest } from '../provider/user-info-provider.js';
import { retried } from '../provider/with-retry.js';
import { withTimeout } from '../provider/with-timeout.js';
import { withTracing } from '../provider/with-tracing.js';
import { withValidation } from '../provider/with-validation.js';
import { ResolvedUserInfo, summaryOf } from '../user-info/resolved-user-info.js';
import type { UserInfo } from '../user-info/user-info.js';
import type { CredentialSourceOptions } from './source-contract.js';
import { SharedCall } from './shared-call.js';
import type { Answer } from './source-state.js';

/** What is known of a provider call before it is made. */
export interface ProviderCall {
  readonly role: Role | 'shared';
  readonly reason: RefreshReason;
  readonly server?: string;
  readonly previousError?: Error;
  /** What the user info is wanted for. */
  readonly within?: Operation;
}

/** The calls of one provider: validated, bounded, told of and retried. Those that overlap in time are one. */
export class ProviderCalls {
  readonly #connection: string;
  readonly #clock: Clock;
  readonly #provider: UserInfoProvider;
  readonly #observer?: Observer;
  readonly #retry: Pick<CredentialSourceOptions, 'random'> & Backoff;
  /** Between a call that failed and the next one. */
  readonly #afterFailures: Pauses;
  /** Between a rejection and the call that it makes necessary. */
  readonly #afterRefusals: Pauses;
  #call?: SharedCall<Answer>;

  /**
   * @param answered hears what a call gave, before those who wait.
   * @param over makes the reason for the abort of a call that nobody waits for any more.
   */
  constructor(
    options: CredentialSourceOptions,
    private readonly answered: (answer: Answer) => void,
    private readonly over: () => Error,
  ) {
    const { connection, provider, refresh, events, clock = systemClock, random } = options;
    this.#connection = connection;
    this.#clock = clock;
    this.#retry = { ...refresh.retry, random };
    this.#afterFailures = options.pauses ?? new Pauses(clock);
    this.#afterRefusals = new Pauses(clock);
    this.#observer = options.observer;
    this.#provider = withTracing(
      withTimeout(withValidation(provider), refresh.timeout, clock),
      (call) => (call.error ? events.emit('refreshFailed', call) : events.emit('refreshed', call)),
      clock,
    );
  }

  /** Whether there is a call that can be joined. */
  get underWay(): boolean {
    return this.#call?.open === true;
  }

  /** Joins the call under way, or makes one after `delayMs`. */
  join(request: ProviderCall, delayMs: () => number): SharedCall<Answer> {
    if (this.#call?.open) return this.#call;
    const call = (this.#call = new SharedCall<Answer>(this.over));
    call.start(async (signal) => {
      const delay = delayMs();
      if (delay > 0) await this.#afterRefusals.wait(delay, signal);
      return this.#make(request, signal, (error) => call.failed(error));
    });
    return call;
  }

  /** A call that has failed is made again now: there is a sign that it succeeds. */
  hurry(): void {
    this.#afterFailures.end();
  }

  /** No call waits any longer for what has happened before. */
  beginAfresh(): void {
    this.#afterFailures.end();
    this.#afterRefusals.end();
  }

  /** Ends the call under way for everyone who waits. */
  abort(reason: Error): void {
    this.#call?.abort(reason);
  }

  async #make(
    { role, within, ...request }: ProviderCall,
    signal: AbortSignal,
    onRetry: (error: Error) => void,
  ): Promise<Answer> {
    // Who waits decides how many failures are enough: `SharedCall` asks each of them.
    const policy = { ...this.#retry, maxAttempts: Infinity, onRetry };
    let refresh: Operation | undefined;
    const inContext = derived(this.#provider, (request) =>
      // Each call in a context of its own, so that what one enters is not there for the next.
      inOwnContext(() => {
        refresh = this.#begin(request, within);
        return refresh ? this.#observed(request, refresh, within) : this.#provider.getUserInfo(request);
      }),
    );
    const given = await retried(inContext, policy, this.#afterFailures).getUserInfo({
      ...request,
      connection: this.#connection,
      role,
      attempt: 1,
      signal,
    });
    // A listener of `refreshed` may have closed the source.
    signal.throwIfAborted();
    const answer = { userInfo: new ResolvedUserInfo(given, this.#clock.now(), refresh), audience: role };
    this.answered(answer);
    // Others of this provider may be waiting for it to be there again.
    this.#afterFailures.end();
    return answer;
  }

  #begin(request: UserInfoRequest, within: Operation | undefined): Operation | undefined {
    const { connection, role, reason, attempt, server } = request;
    return this.#observer?.begin('refresh', { connection, role, reason, attempt, server }, within);
  }

  async #observed(
    request: UserInfoRequest,
    refresh: Operation,
    within: Operation | undefined,
  ): Promise<UserInfo> {
    try {
      const given = await refresh.run(() => this.#provider.getUserInfo(request));
      const { kind, expiresAt } = summaryOf(given, this.#clock.now());
      refresh.end({ userInfo: kind, expiresAt });
      return given;
    } catch (error) {
      refresh.failed(error);
      refresh.end();
      within?.note('refresh failed', { attempt: request.attempt }, error);
      throw error;
    }
  }
}
