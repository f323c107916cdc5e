import { setAlarm } from '../time/alarm.js';
import type { Clock } from '../time/clock.js';
import type { ResolvedUserInfo } from '../user-info/resolved-user-info.js';
import type { AheadOptions } from './options.js';

/**
 * A refresh comes no sooner than this, so that short lifetimes make no busy loop. User info that expires before is left
 * to expire: the server says so, and the reconnect refreshes.
 */
const SHORTEST_DELAY_MS = 1_000;

/** Refreshes user info at a jittered fraction of its lifetime. */
export class RefreshAhead {
  #cancelAlarm = () => {};
  #refreshing?: AbortController;

  constructor(
    private readonly settings: Required<AheadOptions> | false,
    private readonly clock: Clock,
    private readonly random: () => number,
    private readonly refresh: (signal: AbortSignal) => Promise<unknown>,
  ) {}

  /** Sets the alarm for `userInfo`, in place of the one before. A refresh under way goes on. */
  schedule(userInfo: ResolvedUserInfo, from = userInfo.resolvedAt): void {
    this.#cancel();
    if (this.settings === false || userInfo.expiresAt === undefined) return;
    const delay = Math.max(
      SHORTEST_DELAY_MS,
      refreshDelay(userInfo.expiresAt - from, this.settings, this.random),
    );
    if (from + delay >= userInfo.expiresAt) return;
    this.#cancelAlarm = setAlarm(this.clock, from + delay, () => this.#run(userInfo));
  }

  /** Cancels the alarm and the refresh under way. */
  stop(reason: Error): void {
    this.#cancel();
    this.#refreshing?.abort(reason);
  }

  #cancel(): void {
    this.#cancelAlarm();
    // It holds the user info that it was set for.
    this.#cancelAlarm = () => {};
  }

  #run(userInfo: ResolvedUserInfo): void {
    const controller = new AbortController();
    this.#refreshing = controller;
    this.refresh(controller.signal).catch(() => {
      // The failure was told by the event of the call. What is left of the lifetime gives another chance.
      if (!controller.signal.aborted) this.schedule(userInfo, this.clock.now());
    });
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
