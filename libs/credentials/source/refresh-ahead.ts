import { type Clock, setAlarm } from '../../base/index.js';
import { UserInfoNotNewerError } from '../errors.js';
import type { ResolvedUserInfo } from '../user-info/resolved-user-info.js';
import type { AheadOptions } from './options.js';

/**
 * A refresh comes no sooner than this, so that short lifetimes make no busy loop. User info that expires before is left
 * to expire: the server says so, and the reconnect refreshes.
 */
const SHORTEST_DELAY_MS = 1_000;

/** What live connections use, from the first of them to the last. */
interface Following {
  readonly inUse: readonly ResolvedUserInfo[];
  readonly cancelAlarm: () => void;
  /** Ends the refreshes under way, if there was one: several may be, each for what came due. */
  readonly refreshing?: AbortController;
}

/** One refresh ahead. */
export interface AheadRenewal {
  /** What is going to expire. */
  readonly due: readonly ResolvedUserInfo[];
  /**
   * It has failed, and is made again by itself. Returns when, in ms from now; `undefined` if it is not.
   * @param pauseMs the pause that the backoff of the provider's calls asks for.
   */
  readonly again: (error: Error, pauseMs: number) => number | undefined;
}

/** What a refresh ahead does. */
export interface AheadHooks {
  /** Renews what is in use: fails when the provider does, or gives what expires no later. */
  readonly refresh: (renewal: AheadRenewal, signal: AbortSignal) => Promise<unknown>;
  /** Hears when the next one is planned, in ms since the epoch; `undefined`: none is. */
  readonly planned: (at: number | undefined) => void;
}

/** Refreshes at a jittered fraction of the lifetime of what is in use: of that user info whose turn comes first. */
export class RefreshAhead {
  #following?: Following;
  /** When the turn of each comes, in ms since the epoch. Weakly: what is retired must not stay in memory. */
  readonly #turns = new WeakMap<ResolvedUserInfo, number>();
  /** How many refreshes are under way. */
  #underWay = 0;
  /** What `planned` heard last. */
  #plannedAt?: number;

  constructor(
    private readonly settings: Required<AheadOptions> | false,
    private readonly clock: Clock,
    private readonly random: () => number,
    private readonly hooks: AheadHooks,
  ) {}

  /** Follows what live connections use from now on. A refresh under way goes on. */
  follow(inUse: readonly ResolvedUserInfo[]): void {
    this.#follow(inUse, this.#following?.refreshing);
  }

  /**
   * Cancels the alarm and the refreshes under way.
   * @param reason makes the reason for that.
   */
  stop(reason: () => Error): void {
    this.#following?.cancelAlarm();
    this.#following?.refreshing?.abort(reason());
    this.#following = undefined;
    this.#tell(undefined);
  }

  #follow(inUse: readonly ResolvedUserInfo[], refreshing: AbortController | undefined): void {
    this.#following?.cancelAlarm();
    const turn = Math.min(...inUse.map((userInfo) => this.#turnOf(userInfo)));
    const ring = () => this.#run(inUse, refreshing);
    const cancelAlarm = turn < Infinity ? setAlarm(this.clock, turn, ring) : () => {};
    this.#following = { inUse, cancelAlarm, refreshing };
    if (turn < Infinity) this.#tell(turn);
    // The moment of one that is under way stands until its end: whoever watches sees that it is overdue.
    else if (this.#underWay === 0 || inUse.length === 0) this.#tell(undefined);
  }

  #tell(at: number | undefined): void {
    if (at === this.#plannedAt) return;
    this.#plannedAt = at;
    this.hooks.planned(at);
  }

  #turnOf(userInfo: ResolvedUserInfo): number {
    const known = this.#turns.get(userInfo);
    if (known !== undefined) return known;
    const turn = this.#nextTurn(userInfo.expiresAt, userInfo.resolvedAt);
    this.#turns.set(userInfo, turn);
    return turn;
  }

  /** @param from the lifetime that is left counts from then. Returns `Infinity` for never. */
  #nextTurn(expiresAt: number | undefined, from: number): number {
    if (this.settings === false || expiresAt === undefined) return Infinity;
    const delay = Math.max(SHORTEST_DELAY_MS, refreshDelay(expiresAt - from, this.settings, this.random));
    return from + delay < expiresAt ? from + delay : Infinity;
  }

  #run(inUse: readonly ResolvedUserInfo[], refreshing = new AbortController()): void {
    const now = this.clock.now();
    const due = inUse.filter((userInfo) => this.#turnOf(userInfo) <= now);
    for (const userInfo of due) this.#turns.set(userInfo, Infinity);
    this.#underWay++;
    this.#follow(inUse, refreshing);
    const again = (error: Error, pauseMs: number) => this.#again(due, error, pauseMs);
    void this.hooks
      .refresh({ due, again }, refreshing.signal)
      // The event of the call has told of the failure.
      .catch(() => {})
      .finally(() => {
        this.#underWay--;
        if (this.#following) this.follow(this.#following.inUse);
      });
  }

  #again(due: readonly ResolvedUserInfo[], error: Error, pauseMs: number): number | undefined {
    const now = this.clock.now();
    // A provider that is there may have newer user info soon. Otherwise what is left of the lifetime gives another chance.
    const soonest = error instanceof UserInfoNotNewerError ? now + Math.max(1, pauseMs) : Infinity;
    const turns = due.map((userInfo) => {
      const turn = Math.min(soonest, this.#nextTurn(userInfo.expiresAt, now));
      this.#turns.set(userInfo, turn);
      return turn;
    });
    const turn = Math.min(...turns);
    return turn < Infinity ? turn - now : undefined;
  }
}

/** After how many ms of a lifetime to refresh. */
export function refreshDelay(
  lifetimeMs: number,
  settings: Required<AheadOptions>,
  random: () => number,
): number {
  return lifetimeMs * (settings.fraction + settings.jitter * (2 * random() - 1));
}
