import {
  type Clock,
  inOwnContext,
  isRetryable,
  type Observer,
  type Operation,
  Pauses,
  systemClock,
} from '../../base/index.js';
import type { RefreshReason } from '../cause.js';
import { derived } from '../provider/derived.js';
import type { Role, UserInfoProvider, UserInfoRequest } from '../provider/user-info-provider.js';
import { withTimeout } from '../provider/with-timeout.js';
import { type EndedCall, type TracedCall, tracedCall } from '../provider/with-tracing.js';
import { withValidation } from '../provider/with-validation.js';
import { UserInfoNotNewerError } from '../errors.js';
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
  /** What is wrong with what a call gave, for the purpose that it was made for. */
  readonly problem?: (given: ResolvedUserInfo) => UserInfoNotNewerError | undefined;
  /** What the source has, if a call gave the same. */
  readonly known?: (given: ResolvedUserInfo) => Answer | undefined;
  /** What the user info is wanted for. */
  readonly within?: Operation;
}

/** What the calls need of the source that makes them. */
export interface CallHooks {
  /** Hears what a call gave, before those who wait. */
  readonly answered: (answer: Answer) => void;
  /** For how long what is in use stays valid, in ms; `undefined` if that is not known. */
  readonly validForMs: () => number | undefined;
  /** Makes the reason for the abort of a call that nobody waits for any more. */
  readonly over: () => Error;
  /** What the user info is wanted for. */
  readonly within?: Operation;
}

/** The calls of one provider: validated, bounded, told of and retried. Those that overlap in time are one. */
export class ProviderCalls {
  readonly #options: Pick<CredentialSourceOptions, 'connection' | 'events'>;
  readonly #clock: Clock;
  readonly #provider: UserInfoProvider;
  readonly #failed: FailedCalls;
  readonly #observer?: Observer;
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
    this.#provider = withTimeout(withValidation(provider), refresh.timeout, clock);
    this.#observer = options.observer;
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
  async #make(
    { problem, known, within, ...asked }: ProviderCall,
    signal: AbortSignal,
    shared: SharedCall<Answer>,
  ): Promise<Answer> {
    const provider = problem ? withoutProblem(this.#provider, problem, this.#clock) : this.#provider;
    const { connection, events } = this.#options;
    for (let { previousError } = asked; ;) {
      if (this.#failed.pausing) await this.#failed.wait(signal);
      const { attempt, last } = this.#failed;
      // What ends the pause while the call is under way counts all the same.
      const { endings } = this.#afterFailures;
      const request = { ...asked, connection, attempt, previousError: previousError ?? last, signal };
      const { given, call, refresh } = await this.#observed(provider, request, within);
      if (given) {
        events.emit('refreshed', call);
        // A listener may have closed the source.
        signal.throwIfAborted();
        const userInfo = new ResolvedUserInfo(given, this.#clock.now(), refresh);
        return this.#answered(known?.(userInfo) ?? { userInfo, audience: asked.role });
      }
      const { error } = call;
      const isOver = signal.aborted || !isRetryable(error);
      // Who asked for a renewal waits; an establishment may present what is none.
      const holdsBack = !(error instanceof UserInfoNotNewerError);
      const pauseMs = signal.aborted ? 0 : this.#failed.failed(error, endings, holdsBack);
      const againInMs = shared.failed(error, { isOver, pauseMs });
      this.#tell(call, againInMs === undefined ? undefined : Math.max(againInMs, holdsBack ? pauseMs : 0));
      if (isOver) throw error;
      // The last who waited may just have left, and there may be no pause that would end with it.
      signal.throwIfAborted();
      previousError = error;
    }
  }

  #answered(answer: Answer): Answer {
    this.#failed.over();
    this.hooks.answered(answer);
    // Others of this provider may be waiting for it to be there again.
    this.#afterFailures.end();
    return answer;
  }

  /** One call, in a context of its own, so that what one enters is not there for the next. */
  #observed(
    provider: UserInfoProvider,
    request: UserInfoRequest,
    within: Operation | undefined,
  ): Promise<EndedCall & { readonly refresh?: Operation }> {
    const { connection, role, reason, attempt, server } = request;
    const call = () => tracedCall(provider, request, this.#clock);
    return inOwnContext(async () => {
      const facts = { connection, role, reason, attempt, server };
      const refresh = this.#observer?.begin('refresh', facts, within);
      const ended = await (refresh ? refresh.run(call) : call());
      if (ended.given) {
        const { kind, expiresAt } = ended.call.userInfo;
        refresh?.end({ userInfo: kind, expiresAt });
      } else {
        const { error } = ended.call;
        refresh?.failed(error);
        refresh?.end();
        within?.note('refresh failed', { attempt }, error);
      }
      return refresh ? { ...ended, refresh } : ended;
    });
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

/** A provider whose calls fail with the problem of what they give. */
function withoutProblem(
  provider: UserInfoProvider,
  problem: NonNullable<ProviderCall['problem']>,
  clock: Clock,
): UserInfoProvider {
  return derived(provider, async (request) => {
    const given = await provider.getUserInfo(request);
    const error = problem(new ResolvedUserInfo(given, clock.now()));
    if (error) throw error;
    return given;
  });
}
