import {
  backoffDelay,
  type Clock,
  ClosedError,
  describeError,
  inOwnContext,
  systemClock,
} from '../../base/index.js';
import { UserInfoNotNewerError, UserInfoUnavailableError } from '../errors.js';
import type { Role } from '../provider/user-info-provider.js';
import type { ResolvedUserInfo } from '../user-info/resolved-user-info.js';
import { renews, saysTheSame } from '../user-info/renewal.js';
import { ChangeWatch } from './change-watch.js';
import type {
  CredentialSourceOptions,
  NewerCause,
  NewerUserInfoListener,
  Outcome,
  ResolveRequest,
} from './source-contract.js';
import type { ReuseKind } from './events.js';
import { type Hold, LiveConnections } from './live-connections.js';
import { type ProviderCall, ProviderCalls } from './provider-calls.js';
import { RefreshAhead } from './refresh-ahead.js';
import { isFor, reusable } from './reuse.js';
import type { SharedCall } from './shared-call.js';
import {
  type Answer,
  currentOf,
  INITIAL,
  isAfterRejection,
  next,
  refusalsOf,
  type SourceChange,
} from './source-state.js';

/**
 * Turns a provider into user info for each establishment of one registration, and holds what is current. All
 * connections of the registration share it; so what it starts runs in no caller's async context.
 */
export class CredentialSource {
  // A #private field: the provider in it may hold secrets.
  readonly #options: CredentialSourceOptions;
  readonly #clock: Clock;
  readonly #calls: ProviderCalls;
  readonly #connections: LiveConnections;
  #state = INITIAL;
  /** The roles that have asked for user info: once there are two, each call is for both. */
  readonly #roles = new Set<Role>();
  readonly #newerListeners = new Set<NewerUserInfoListener>();

  constructor(options: CredentialSourceOptions) {
    this.#options = options;
    const { connection, provider, refresh, events, clock = systemClock, random = Math.random } = options;
    this.#clock = clock;
    this.#calls = new ProviderCalls(options, {
      answered: (answer) => this.#apply({ type: 'answered', answer }),
      validForMs: () => this.#connections.validFor(clock.now()),
      over: () => this.#closedError(),
    });
    const { role = 'shared' } = options;
    const ahead = new RefreshAhead(refresh.ahead, clock, random, {
      refresh: ({ due, again }, signal) =>
        this.#renew({ cause: 'expiring', problem: (given) => notNewer(given, due), again }, signal),
      planned: (at) =>
        events.emit('refreshScheduled', { connection, role, ...(at === undefined ? {} : { at }) }),
    });
    const changes = new ChangeWatch(connection, provider, clock, async (signal) => {
      this.beginAfresh();
      // A call under way may have read what was there before the change.
      const renewal = { cause: 'changed', known: (given: ResolvedUserInfo) => this.#known(given) } as const;
      if (this.#calls.underWay) await this.#renew(renewal, signal);
      await this.#renew(renewal, signal);
    });
    this.#connections = new LiveConnections(ahead, changes, () => this.#closedError());
  }

  /** The newest user info, unless the server has rejected it. */
  get current(): ResolvedUserInfo | undefined {
    return currentOf(this.#state);
  }

  /**
   * User info for one establishment. Tell with `report()` how presenting it ended.
   * @throws {@link UserInfoUnavailableError} when the provider failed too often, with its last failure as `cause`.
   * @throws {@link ClosedError} when the source is closed.
   */
  resolve(request: ResolveRequest): Promise<ResolvedUserInfo> {
    return inOwnContext(() => this.#resolve(request));
  }

  async #resolve(request: ResolveRequest): Promise<ResolvedUserInfo> {
    const { role, server, signal } = request;
    this.#roles.add(role);
    for (;;) {
      this.#throwIfOver(signal);
      const reused = this.#reusable(request);
      this.#apply({ type: 'dialled', server });
      const { userInfo, audience } = reused ?? (await this.#refreshed(request));
      // The call that it waited for may have been made for the other role, before this one was there.
      if (!isFor(audience, role)) continue;
      this.#apply({ type: 'presented', userInfo });
      return userInfo;
    }
  }

  /** Tells how presenting `userInfo` ended. A rejection, or the suspicion of one, takes it out of use for everyone. */
  report(userInfo: ResolvedUserInfo, outcome: Outcome): void {
    if (outcome !== 'failed') return this.#apply({ type: outcome, userInfo });
    const { refresh, random = Math.random } = this.#options;
    const keepForMs = (unused: number) => backoffDelay(refresh.retry, unused, random);
    this.#apply({ type: 'failed', userInfo, at: this.#clock.now(), keepForMs });
  }

  /** Somebody asks for a new attempt, or there is newer user info: what has failed before holds nothing back. */
  beginAfresh(): void {
    this.#apply({ type: 'began afresh' });
    inOwnContext(() => this.#calls.beginAfresh());
  }

  /** There is a sign that the provider can be reached: a call that has failed is made again now. */
  hurry(): void {
    inOwnContext(() => this.#calls.hurry());
  }

  /**
   * Calls the provider now, or joins a call under way. Live connections stay as they are.
   * @throws {@link UserInfoUnavailableError}
   * @throws {@link ClosedError}
   */
  refresh(signal?: AbortSignal): Promise<ResolvedUserInfo> {
    const { maxAttempts } = this.#options.refresh.retry;
    this.beginAfresh();
    return inOwnContext(() => this.#renew({ cause: 'manual', maxAttempts }, signal));
  }

  /**
   * A live connection holds the source: only while one does is user info refreshed ahead of the expiry of what is in use, and when
   * the provider tells of a change.
   */
  hold(userInfo?: ResolvedUserInfo): Hold {
    return this.#state.name === 'closed' ? NO_HOLD : this.#connections.add(userInfo);
  }

  /**
   * Has `listener` hear of newer user info that live connections are to move to: it was refreshed ahead of an expiry, or the provider
   * told of a change. The returned function unsubscribes.
   */
  onNewer(listener: NewerUserInfoListener): () => void {
    this.#newerListeners.add(listener);
    return () => void this.#newerListeners.delete(listener);
  }

  /** Aborts what is under way and refuses what comes after. */
  close(): void {
    this.#apply({ type: 'closed' });
    this.#connections.clear();
    inOwnContext(() => this.#calls.abort(this.#closedError()));
  }

  #apply(change: SourceChange): void {
    this.#state = next(this.#state, change);
  }

  /** Current user info that may serve another establishment without a call. */
  #reusable({ role, server, since = Infinity }: ResolveRequest): Answer | undefined {
    // What is newer is on its way.
    if (this.#calls.underWay) return undefined;
    const wanted = { role, server, since };
    const found = reusable(this.#state, wanted, this.#options.refresh, this.#clock.now());
    return found && this.#reused(found.answer, found.kind, role);
  }

  async #refreshed(request: ResolveRequest): Promise<Answer> {
    const { retry } = this.#options.refresh;
    const { role, server, previousError, firstConnect, signal, within } = request;
    // The other role's connection may be the one that heard of the rejection.
    const reason = isAfterRejection(this.#state) ? 'rejected' : request.reason;
    const maxAttempts = firstConnect ? retry.maxAttempts : retry.maxAttemptsAfterConnect;
    let kind: ReuseKind | undefined = this.#calls.underWay ? 'shared' : undefined;
    const audience = this.#roles.size > 1 ? 'shared' : role;
    const call = this.#call({ role: audience, reason, server, previousError, within });
    try {
      const answer = await call.wait((error, failures, { isOver }) => {
        if (isOfRenewal(error)) return { fail: error, againInMs: 0 };
        const stale = this.#stillValid(role);
        if (stale) {
          kind = 'stale';
          return { leave: stale };
        }
        // A first connect ends with it; after that the next dial asks again.
        const again = firstConnect ? {} : { againInMs: 0 };
        return isOver || failures >= maxAttempts ? { fail: error, ...again } : undefined;
      }, signal);
      return kind && isFor(answer.audience, role) ? this.#reused(answer, kind, role) : answer;
    } catch (error) {
      // A call that it joined; its own may give what is no renewal.
      if (isOfRenewal(error)) return this.#refreshed(request);
      return this.#unavailable(error, signal);
    }
  }

  /** What `role` may present while the provider fails. */
  #stillValid(role: Role): Answer | undefined {
    if (this.#state.name !== 'usable') return undefined;
    const { answer } = this.#state;
    const isValid = answer.userInfo.remaining(this.#clock.now()) > 0;
    return isValid && isFor(answer.audience, role) ? answer : undefined;
  }

  async #renew(
    { cause, maxAttempts = Infinity, problem, known, again }: Renewal,
    signal?: AbortSignal,
  ): Promise<ResolvedUserInfo> {
    for (;;) {
      this.#throwIfOver(signal);
      try {
        const call = this.#call({ role: 'shared', reason: cause, problem, known });
        const { userInfo, audience } = await call.wait(
          (error, failures, { isOver, pauseMs }) =>
            isOver || failures >= maxAttempts
              ? { fail: error, againInMs: again?.(error, pauseMs) }
              : undefined,
          signal,
        );
        // It may have joined a call that was made for something else.
        if (!this.#isForAll(audience) || problem?.(userInfo)) continue;
        // Who asked for it moves connections, or leaves them as they are.
        if (cause === 'manual' || (cause === 'changed' && this.#connections.allUse(userInfo)))
          return userInfo;
        for (const listener of this.#newerListeners) listener(userInfo, cause);
        return userInfo;
      } catch (error) {
        if (isOfRenewal(error) && !problem) continue;
        this.#unavailable(error, signal);
      }
    }
  }

  /** What is current, if a change has led to the same again: connections that present it need not move. */
  #known(given: ResolvedUserInfo): Answer | undefined {
    if (this.#state.name !== 'usable') return undefined;
    const { answer } = this.#state;
    return saysTheSame(given, answer.userInfo) && this.#isForAll(answer.audience) ? answer : undefined;
  }

  #isForAll(audience: Answer['audience']): boolean {
    return [...this.#roles].every((role) => isFor(audience, role));
  }

  /** Joins the provider call under way, or makes one; after rejections it comes later each time. */
  #call(request: ProviderCall): SharedCall<Answer> {
    const { rejection, role = request.role, random = Math.random } = this.#options;
    return this.#calls.join({ ...request, role }, () => {
      const refusals = refusalsOf(this.#state);
      return refusals === 0 ? 0 : backoffDelay(rejection, refusals, random);
    });
  }

  #reused(answer: Answer, kind: ReuseKind, role: Role): Answer {
    const { events, connection } = this.#options;
    events.emit('reused', { connection, kind, role, userInfo: answer.userInfo.toJSON() });
    return answer;
  }

  #throwIfOver(signal?: AbortSignal): void {
    if (this.#state.name === 'closed') throw this.#closedError();
    signal?.throwIfAborted();
  }

  #unavailable(error: unknown, signal: AbortSignal | undefined): never {
    this.#throwIfOver(signal);
    throw new UserInfoUnavailableError(
      `The user info provider of connection '${this.#options.connection}' failed: ${describeError(error)}`,
      { cause: error },
    );
  }

  #closedError(): ClosedError {
    return new ClosedError(`The credential source of connection '${this.#options.connection}'`);
  }
}

/** Why all connections are to have other user info, and what that must be. */
interface Renewal extends Pick<ProviderCall, 'problem' | 'known'> {
  readonly cause: NewerCause | 'manual';
  /** Calls before it fails. Default: no limit. */
  readonly maxAttempts?: number;
  /** How soon it is asked for again after a failure that has ended it, in ms. */
  readonly again?: (error: Error, pauseMs: number) => number | undefined;
}

/** What is wrong with `given` as a renewal of what is going to expire. */
function notNewer(
  given: ResolvedUserInfo,
  due: readonly ResolvedUserInfo[],
): UserInfoNotNewerError | undefined {
  const outlived = due.find((userInfo) => !renews(given, userInfo));
  return outlived && new UserInfoNotNewerError(given.expiresAt ?? 0, outlived.expiresAt ?? 0);
}

/** Whether a call for a renewal gave none: that is no failure for anybody else. */
function isOfRenewal(error: unknown): boolean {
  return error instanceof UserInfoNotNewerError;
}

/** Of a source that is closed. */
const NO_HOLD: Hold = { use: () => {}, release: () => {} };
