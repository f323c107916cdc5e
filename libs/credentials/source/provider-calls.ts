import { type Backoff, type Clock, inOwnContext, Pauses, systemClock } from '../../base/index.js';
import type { RefreshReason } from '../cause.js';
import { derived } from '../provider/derived.js';
import type { Role, UserInfoProvider } from '../provider/user-info-provider.js';
import { retried } from '../provider/with-retry.js';
import { withTimeout } from '../provider/with-timeout.js';
import { withTracing } from '../provider/with-tracing.js';
import { withValidation } from '../provider/with-validation.js';
import { ResolvedUserInfo } from '../user-info/resolved-user-info.js';
import type { CredentialSourceOptions } from './source-contract.js';
import { SharedCall } from './shared-call.js';
import type { Answer } from './source-state.js';

/** What is known of a provider call before it is made. */
export interface ProviderCall {
  readonly role: Role | 'shared';
  readonly reason: RefreshReason;
  readonly server?: string;
  readonly previousError?: Error;
}

/** What the calls need of the source that makes them. */
export interface CallHooks {
  /** Hears what a call gave, before those who wait. */
  readonly answered: (answer: Answer) => void;
  /** For how long what is in use stays valid, in ms; `undefined` if that is not known. */
  readonly validForMs: () => number | undefined;
  /** Makes the reason for the abort of a call that nobody waits for any more. */
  readonly over: () => Error;
}

/** The calls of one provider: validated, bounded, told of and retried. Those that overlap in time are one. */
export class ProviderCalls {
  readonly #connection: string;
  readonly #clock: Clock;
  readonly #provider: UserInfoProvider;
  readonly #retry: Pick<CredentialSourceOptions, 'random'> & Backoff;
  /** Between a call that failed and the next one. */
  readonly #afterFailures: Pauses;
  /** Between a rejection and the call that it makes necessary. */
  readonly #afterRefusals: Pauses;
  #call?: SharedCall<Answer>;

  constructor(
    options: CredentialSourceOptions,
    private readonly hooks: CallHooks,
  ) {
    const { connection, provider, refresh, events, clock = systemClock, random } = options;
    this.#connection = connection;
    this.#clock = clock;
    this.#retry = { ...refresh.retry, random };
    this.#afterFailures = options.pauses ?? new Pauses(clock);
    this.#afterRefusals = new Pauses(clock);
    // Each call in a context of its own, so that what one enters is not there for the next.
    const inContext = derived(provider, (request) => inOwnContext(() => provider.getUserInfo(request)));
    this.#provider = withTracing(
      withTimeout(withValidation(inContext), refresh.timeout, clock),
      (call) => {
        if (!call.error) return events.emit('refreshed', call);
        const validForMs = hooks.validForMs();
        events.emit('refreshFailed', { ...call, ...(validForMs === undefined ? {} : { validForMs }) });
      },
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
    const call = (this.#call = new SharedCall<Answer>(this.hooks.over));
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
    { role, ...request }: ProviderCall,
    signal: AbortSignal,
    onRetry: (error: Error) => void,
  ): Promise<Answer> {
    // Who waits decides how many failures are enough: `SharedCall` asks each of them.
    const policy = { ...this.#retry, maxAttempts: Infinity, onRetry };
    const given = await retried(this.#provider, policy, this.#afterFailures).getUserInfo({
      ...request,
      connection: this.#connection,
      role,
      attempt: 1,
      signal,
    });
    // A listener of `refreshed` may have closed the source.
    signal.throwIfAborted();
    const answer = { userInfo: new ResolvedUserInfo(given, this.#clock.now()), audience: role };
    this.hooks.answered(answer);
    // Others of this provider may be waiting for it to be there again.
    this.#afterFailures.end();
    return answer;
  }
}
