import { type Clock, inOwnContext, isRetryable, Pauses, systemClock } from '../../base/index.js';
import type { RefreshReason } from '../cause.js';
import { derived } from '../provider/derived.js';
import type { Role, UserInfoProvider } from '../provider/user-info-provider.js';
import { withTimeout } from '../provider/with-timeout.js';
import { type TracedCall, tracedCall } from '../provider/with-tracing.js';
import { withValidation } from '../provider/with-validation.js';
import type { UserInfo } from '../user-info/user-info.js';
import { ResolvedUserInfo } from '../user-info/resolved-user-info.js';
import { FailedCalls } from './failed-calls.js';
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
  readonly #options: Pick<CredentialSourceOptions, 'connection' | 'events'>;
  readonly #clock: Clock;
  readonly #provider: UserInfoProvider;
  readonly #failed: FailedCalls;
  /** Between a call that failed and the next one. */
  readonly #afterFailures: Pauses;
  /** Between a rejection and the call that it makes necessary. */
  readonly #afterRefusals: Pauses;
  #call?: SharedCall<Answer>;

  constructor(
    options: CredentialSourceOptions,
    private readonly hooks: CallHooks,
  ) {
    const { provider, refresh, clock = systemClock, random = Math.random } = options;
    this.#options = options;
    this.#clock = clock;
    this.#afterFailures = options.pauses ?? new Pauses(clock);
    this.#afterRefusals = new Pauses(clock);
    this.#failed = new FailedCalls(refresh.retry, this.#afterFailures, clock, random);
    // Each call in a context of its own, so that what one enters is not there for the next.
    const inContext = derived(provider, (request) => inOwnContext(() => provider.getUserInfo(request)));
    this.#provider = withTimeout(withValidation(inContext), refresh.timeout, clock);
  }

  /** Whether there is a call that can be joined. */
  get underWay(): boolean {
    return this.#call?.open === true;
  }

  /** Joins the call under way, or makes one after `delayMs`. */
  join(request: ProviderCall, delayMs: () => number): SharedCall<Answer> {
    if (this.#call?.open) return this.#call;
    // Who comes while the next call is held back need not wait for it to fail as well.
    const lastFailure = this.#failed.pausing ? this.#failed.last : undefined;
    const call = (this.#call = new SharedCall<Answer>(this.hooks.over, lastFailure));
    call.start(async (signal) => {
      const delay = delayMs();
      if (delay > 0) await this.#afterRefusals.wait(delay, signal);
      return this.#make(request, signal, call);
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

  /** Calls until the provider gives something, fails for good, or nobody waits any longer: each who waits is asked after a failure. */
  async #make(asked: ProviderCall, signal: AbortSignal, shared: SharedCall<Answer>): Promise<Answer> {
    const { connection, events } = this.#options;
    for (let { previousError } = asked; ;) {
      if (this.#failed.pausing) await this.#failed.wait(signal);
      const { attempt, last } = this.#failed;
      // What ends the pause while the call is under way counts all the same.
      const { endings } = this.#afterFailures;
      const request = { ...asked, connection, attempt, previousError: previousError ?? last, signal };
      const { given, call } = await tracedCall(this.#provider, request, this.#clock);
      if (given) {
        events.emit('refreshed', call);
        // A listener may have closed the source.
        signal.throwIfAborted();
        return this.#answered(given, asked.role);
      }
      const { error } = call;
      const isOver = signal.aborted || !isRetryable(error);
      const pauseMs = signal.aborted ? 0 : this.#failed.failed(error, endings);
      const againInMs = shared.failed(error, isOver);
      this.#tell(call, againInMs === undefined ? undefined : Math.max(againInMs, pauseMs));
      if (isOver) throw error;
      previousError = error;
    }
  }

  #answered(given: UserInfo, audience: Role | 'shared'): Answer {
    const answer = { userInfo: new ResolvedUserInfo(given, this.#clock.now()), audience };
    this.#failed.over();
    this.hooks.answered(answer);
    // Others of this provider may be waiting for it to be there again.
    this.#afterFailures.end();
    return answer;
  }

  #tell(call: Extract<TracedCall, { error: Error }>, retryInMs: number | undefined): void {
    const validForMs = this.hooks.validForMs();
    this.#options.events.emit('refreshFailed', {
      ...call,
      ...(retryInMs === undefined ? {} : { retryInMs }),
      ...(validForMs === undefined ? {} : { validForMs }),
    });
  }
}
