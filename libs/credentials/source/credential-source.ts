import {
  type Backoff,
  backoffDelay,
  type Clock,
  ClosedError,
  describeError,
  type Emitter,
  inOwnContext,
  type Pauses,
  systemClock,
} from '../../base/index.js';
import type { Cause, RefreshReason } from '../cause.js';
import { UserInfoUnavailableError } from '../errors.js';
import type { Role, UserInfoProvider } from '../provider/user-info-provider.js';
import type { ResolvedUserInfo } from '../user-info/resolved-user-info.js';
import { ChangeWatch } from './change-watch.js';
import type { CredentialEvents, ReuseKind } from './events.js';
import type { RefreshSettings } from './options.js';
import { type ProviderCall, ProviderCalls } from './provider-calls.js';
import { RefreshAhead } from './refresh-ahead.js';
import type { SharedCall } from './shared-call.js';

/** What a source is made of. */
export interface CredentialSourceOptions {
  /** The registration's name. */
  readonly connection: string;
  readonly provider: UserInfoProvider;
  /** The only role whose connections it serves: each call names it. Default: it serves all. */
  readonly role?: Role;
  readonly refresh: RefreshSettings;
  /** Backoff between consecutive rejections. */
  readonly rejection: Backoff;
  readonly events: Emitter<CredentialEvents>;
  /**
   * Where calls that failed wait to be made again. Sources of one provider share it: a call of one that succeeds is a sign of life for
   * all. Default: its own.
   */
  readonly pauses?: Pauses;
  /** Default: the machine's clock. */
  readonly clock?: Clock;
  /** Numbers from 0 to 1 for jitter. Default: `Math.random`. */
  readonly random?: () => number;
}

/** One establishment that wants user info. */
export interface ResolveRequest {
  readonly role: Role;
  readonly reason: RefreshReason;
  /** Until the first connect has succeeded, provider failures are counted towards `retry.maxAttempts`. */
  readonly firstConnect: boolean;
  /** `host:port` about to be dialled. */
  readonly server?: string;
  readonly previousError?: Error;
  /** Ends the wait for it. */
  readonly signal?: AbortSignal;
  /**
   * When the establishment began, in ms since the epoch: it may have waited for its turn to dial. It shares what was resolved
   * for another one meanwhile. Default: now.
   */
  readonly since?: number;
}

/** Why live connections are to move to newer user info. */
export type NewerCause = Extract<Cause, 'expiring' | 'changed'>;

/** Moves a live connection to newer user info, which it may hear of again when two refreshes shared a call. It must not throw. */
export type NewerUserInfoListener = (userInfo: ResolvedUserInfo, cause: NewerCause) => void;

/** A live connection, as its source knows it. */
export interface Hold {
  /** What the server has accepted; `undefined` while there is no connection. */
  readonly use: (userInfo: ResolvedUserInfo | undefined) => void;
  /** It is closed, or another one has taken its place. */
  readonly release: () => void;
}

/**
 * How presenting user info to a server ended. `suspected`: the server may have rejected it, but has not said so. `failed` says nothing
 * about the user info itself.
 */
export type Outcome = 'accepted' | 'rejected' | 'suspected' | 'failed';

/**
 * Turns a provider into user info for each establishment of one registration, and holds what is current. All
 * connections of the registration share it; so what it starts runs in no caller's async context.
 */
export class CredentialSource {
  // A #private field: the provider in it may hold secrets.
  readonly #options: CredentialSourceOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #calls: ProviderCalls;
  readonly #ahead: RefreshAhead;
  readonly #changes: ChangeWatch;
  /** The roles that have asked for user info: once there are two, each call is for both. */
  readonly #roles = new Set<Role>();
  /** What user info was asked for; a provider may choose by it. */
  readonly #audience = new WeakMap<ResolvedUserInfo, Role | 'shared'>();
  #current?: ResolvedUserInfo;
  /** How many establishments are presenting the current user info at this moment. */
  #presenting = 0;
  readonly #newerListeners = new Set<NewerUserInfoListener>();
  /** A server has rejected what was current last. */
  #rejected = false;
  /** Rejections, and suspicions of one, in a row. */
  #refusals = 0;
  /** Calls in a row whose result no server has looked at: the dials failed for other reasons. */
  #unused = 0;
  /** The servers that were dialled since one has accepted. */
  readonly #dialled = new Set<string | undefined>();
  /** Since a dial failed with it, the current user info is presented again for a while. Both in ms, since the epoch and from then. */
  #kept?: { readonly since: number; readonly forMs: number };
  /** What each live connection uses. */
  readonly #inUse = new Map<Hold, ResolvedUserInfo | undefined>();
  #closed = false;

  constructor(options: CredentialSourceOptions) {
    this.#options = options;
    const { refresh, clock = systemClock, random = Math.random } = options;
    this.#clock = clock;
    this.#random = random;
    this.#calls = new ProviderCalls(
      options,
      (userInfo, role) => this.#adopt(userInfo, role),
      () => this.#closedError(),
    );
    this.#ahead = new RefreshAhead(refresh.ahead, clock, random, (signal) =>
      this.#renew('expiring', Infinity, signal),
    );
    this.#changes = new ChangeWatch(options.connection, options.provider, clock, async (signal) => {
      this.beginAfresh();
      // A call under way may have read what was there before the change.
      if (this.#calls.underWay) await this.#renew('changed', Infinity, signal);
      await this.#renew('changed', Infinity, signal);
    });
  }

  /** The newest user info, unless the server has rejected it. */
  get current(): ResolvedUserInfo | undefined {
    return this.#current;
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
    this.#roles.add(request.role);
    for (;;) {
      this.#throwIfOver(request.signal);
      const reusable = this.#reusable(request);
      this.#dialled.add(request.server);
      const userInfo = reusable ?? (await this.#refreshed(request));
      // The call that it waited for was made for the other role before this one was there.
      if (!this.#isFor(userInfo, request.role)) continue;
      if (userInfo === this.#current) this.#presenting++;
      return userInfo;
    }
  }

  /** Tells how presenting `userInfo` ended. A rejection, or the suspicion of one, takes it out of use for everyone. */
  report(userInfo: ResolvedUserInfo, outcome: Outcome): void {
    if (outcome === 'accepted') {
      this.#rejected = false;
      this.#forgetFailures();
    }
    if (userInfo !== this.#current) return;
    this.#presenting = Math.max(0, this.#presenting - 1);
    if (outcome === 'failed') this.#keep(userInfo);
    if (outcome !== 'rejected' && outcome !== 'suspected') return;
    if (outcome === 'rejected') this.#rejected = true;
    this.#refusals++;
    this.#current = undefined;
  }

  /** Somebody asks for a new attempt, or there is newer user info: what has failed before holds nothing back. */
  beginAfresh(): void {
    this.#forgetFailures();
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
    return inOwnContext(() => this.#renew('manual', maxAttempts, signal));
  }

  /**
   * A live connection holds the source: only while one does is user info refreshed ahead of the expiry of what is in use, and when
   * the provider tells of a change.
   */
  hold(userInfo?: ResolvedUserInfo): Hold {
    const hold: Hold = {
      use: (next) => {
        if (!this.#inUse.has(hold)) return;
        this.#inUse.set(hold, next);
        this.#follow();
      },
      release: () => {
        if (!this.#inUse.delete(hold)) return;
        if (this.#inUse.size > 0) this.#follow();
        else this.#stop();
      },
    };
    if (this.#closed) return hold;
    inOwnContext(() => this.#changes.start());
    this.#inUse.set(hold, userInfo);
    this.#follow();
    return hold;
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
    this.#closed = true;
    this.#inUse.clear();
    this.#stop();
    inOwnContext(() => this.#calls.abort(this.#closedError()));
    this.#current = undefined;
  }

  #stop(): void {
    const reason = this.#closedError();
    inOwnContext(() => {
      this.#ahead.stop(reason);
      this.#changes.stop(reason);
    });
  }

  /** Current user info that may serve another establishment without a call. */
  #reusable({ role, server, since = Infinity }: ResolveRequest): ResolvedUserInfo | undefined {
    const { reuse, timeout } = this.#options.refresh;
    const current = this.#current;
    if (!current || this.#calls.underWay || !this.#isFor(current, role)) return undefined;
    const now = this.#clock.now();
    const remaining = current.remaining(now);
    // Establishments that overlap in time share one call. The bound keeps a chain of them from never refreshing.
    const overlaps = this.#presenting > 0 || current.resolvedAt > since;
    const shared = overlaps && remaining > 0 && Math.abs(now - current.resolvedAt) < timeout;
    const cached = reuse !== false && current.expiresAt !== undefined && remaining > reuse;
    // A provider may choose by the server: for the first dial of each it is asked.
    const kept = this.#dialled.has(server) && this.#isKept(current, now);
    return shared || cached || kept ? this.#reused(current, shared ? 'shared' : 'cached', role) : undefined;
  }

  async #refreshed(request: ResolveRequest): Promise<ResolvedUserInfo> {
    const { retry } = this.#options.refresh;
    const { role, server, previousError, firstConnect, signal } = request;
    // The other role's connection may be the one that heard of the rejection.
    const reason = this.#rejected ? 'rejected' : request.reason;
    const maxAttempts = firstConnect ? retry.maxAttempts : retry.maxAttemptsAfterConnect;
    let kind: ReuseKind | undefined = this.#calls.underWay ? 'shared' : undefined;
    const call = this.#call({ role: this.#roles.size > 1 ? 'shared' : role, reason, server, previousError });
    try {
      const userInfo = await call.wait((error, failures) => {
        const stale = this.#current;
        if (stale && this.#isFor(stale, role) && stale.remaining(this.#clock.now()) > 0) {
          kind = 'stale';
          return { leave: stale };
        }
        return failures >= maxAttempts ? { fail: error } : undefined;
      }, signal);
      return kind && this.#isFor(userInfo, role) ? this.#reused(userInfo, kind, role) : userInfo;
    } catch (error) {
      return this.#unavailable(error, signal);
    }
  }

  async #renew(
    cause: NewerCause | 'manual',
    maxAttempts: number,
    signal?: AbortSignal,
  ): Promise<ResolvedUserInfo> {
    for (;;) {
      this.#throwIfOver(signal);
      try {
        const userInfo = await this.#call({ role: 'shared', reason: cause }).wait(
          (error, failures) => (failures >= maxAttempts ? { fail: error } : undefined),
          signal,
        );
        // It may have joined a call that one role made for itself.
        if (![...this.#roles].every((role) => this.#isFor(userInfo, role))) continue;
        // Who asked for it moves connections, or leaves them as they are.
        if (cause !== 'manual') for (const listener of this.#newerListeners) listener(userInfo, cause);
        return userInfo;
      } catch (error) {
        this.#unavailable(error, signal);
      }
    }
  }

  #isFor(userInfo: ResolvedUserInfo, role: Role): boolean {
    const audience = this.#audience.get(userInfo);
    return audience === 'shared' || audience === role;
  }

  /** Joins the provider call under way, or makes one; after rejections it comes later each time. */
  #call(request: ProviderCall): SharedCall<ResolvedUserInfo> {
    const { rejection, role = request.role } = this.#options;
    return this.#calls.join({ ...request, role }, () =>
      this.#refusals === 0 ? 0 : backoffDelay(rejection, this.#refusals, this.#random),
    );
  }

  #adopt(userInfo: ResolvedUserInfo, role: Role | 'shared'): void {
    this.#audience.set(userInfo, role);
    this.#current = userInfo;
    this.#presenting = 0;
    this.#kept = undefined;
  }

  #forgetFailures(): void {
    this.#refusals = this.#unused = 0;
    this.#kept = undefined;
    this.#dialled.clear();
  }

  /** While servers cannot be used, dials are more frequent than the provider should be called: its calls back off. */
  #keep(current: ResolvedUserInfo): void {
    const since = this.#clock.now();
    if (this.#isKept(current, since)) return;
    this.#kept = { since, forMs: backoffDelay(this.#options.refresh.retry, ++this.#unused, this.#random) };
  }

  #isKept(current: ResolvedUserInfo, now: number): boolean {
    if (!this.#kept) return false;
    const { since, forMs } = this.#kept;
    return Math.abs(now - since) < forMs && current.remaining(now) > forMs;
  }

  #follow(): void {
    const inUse = [...this.#inUse.values()].filter((userInfo) => userInfo !== undefined);
    inOwnContext(() => this.#ahead.follow(inUse));
  }

  #reused(userInfo: ResolvedUserInfo, kind: ReuseKind, role: Role): ResolvedUserInfo {
    this.#options.events.emit('reused', { connection: this.#options.connection, kind, role });
    return userInfo;
  }

  #throwIfOver(signal?: AbortSignal): void {
    if (this.#closed) throw this.#closedError();
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
