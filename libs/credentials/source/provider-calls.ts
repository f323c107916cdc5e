import { type Clock, inOwnContext, Pauses, systemClock } from '../../base/index.js';
import type { RefreshReason } from '../cause.js';
import { derived } from '../provider/derived.js';
import type { Role, UserInfoProvider } from '../provider/user-info-provider.js';
import { retried } from '../provider/with-retry.js';
import { withTimeout } from '../provider/with-timeout.js';
import { withTracing } from '../provider/with-tracing.js';
import { withValidation } from '../provider/with-validation.js';
import { ResolvedUserInfo } from '../user-info/resolved-user-info.js';
import type { CredentialSourceOptions } from './credential-source.js';
import { SharedCall } from './shared-call.js';

/** What is known of a provider call before it is made. */
export interface ProviderCall {
  readonly role: Role | 'shared';
  readonly reason: RefreshReason;
  readonly server?: string;
  readonly previousError?: Error;
}

/** The calls of one provider: validated, bounded, told of and retried. Those that overlap in time are one. */
export class ProviderCalls {
  readonly #connection: string;
  readonly #clock: Clock;
  readonly #provider: UserInfoProvider;
  /** Between a call that failed and the next one. */
  readonly #afterFailures: Pauses;
  /** Between a rejection and the call that it makes necessary. */
  readonly #afterRefusals: Pauses;
  #call?: SharedCall<ResolvedUserInfo>;

  /**
   * @param resolved hears what a call gave, before those who wait.
   * @param over makes the reason for the abort of a call that nobody waits for any more.
   */
  constructor(
    {
      connection,
      provider,
      refresh,
      events,
      clock = systemClock,
      random,
      pauses = new Pauses(clock),
    }: CredentialSourceOptions,
    private readonly resolved: (userInfo: ResolvedUserInfo, role: Role | 'shared') => void,
    private readonly over: () => Error,
  ) {
    this.#connection = connection;
    this.#clock = clock;
    this.#afterFailures = pauses;
    this.#afterRefusals = new Pauses(clock);
    // Each call in a context of its own, so that what one enters is not there for the next.
    const inContext = derived(provider, (request) => inOwnContext(() => provider.getUserInfo(request)));
    const traced = withTracing(
      withTimeout(withValidation(inContext), refresh.timeout, clock),
      (call) => (call.error ? events.emit('refreshFailed', call) : events.emit('refreshed', call)),
      clock,
    );
    this.#provider = retried(
      traced,
      {
        ...refresh.retry,
        // Who waits decides how many failures are enough: `SharedCall` asks each of them.
        maxAttempts: Infinity,
        onRetry: (error) => this.#call?.failed(error),
        random,
      },
      pauses,
    );
  }

  /** Whether there is a call that can be joined. */
  get underWay(): boolean {
    return this.#call?.open === true;
  }

  /** Joins the call under way, or makes one after `delayMs`. */
  join(request: ProviderCall, delayMs: () => number): SharedCall<ResolvedUserInfo> {
    if (this.#call?.open) return this.#call;
    const call = (this.#call = new SharedCall<ResolvedUserInfo>(this.over));
    call.start(async (signal) => {
      const delay = delayMs();
      if (delay > 0) await this.#afterRefusals.wait(delay, signal);
      return this.#make(request, signal);
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

  async #make(request: ProviderCall, signal: AbortSignal): Promise<ResolvedUserInfo> {
    const connection = this.#connection;
    const given = await this.#provider.getUserInfo({ ...request, connection, attempt: 1, signal });
    // A listener of `refreshed` may have closed the source.
    signal.throwIfAborted();
    const userInfo = new ResolvedUserInfo(given, this.#clock.now());
    this.resolved(userInfo, request.role);
    // Others of this provider may be waiting for it to be there again.
    this.#afterFailures.end();
    return userInfo;
  }
}
