import { inOwnContext } from '../../base/index.js';
import { saysTheSame } from '../user-info/renewal.js';
import type { ResolvedUserInfo } from '../user-info/resolved-user-info.js';
import type { ChangeWatch } from './change-watch.js';
import type { RefreshAhead } from './refresh-ahead.js';

/** A live connection, as its source knows it. */
export interface Hold {
  /** What the server has accepted; `undefined` while there is no connection. */
  readonly use: (userInfo: ResolvedUserInfo | undefined) => void;
  /** It is closed, or another one has taken its place. */
  readonly release: () => void;
}

/** The connections that hold a source. What is in use is refreshed ahead, and the provider watched, while there is one. */
export class LiveConnections {
  readonly #inUse = new Map<Hold, ResolvedUserInfo | undefined>();

  /** @param over makes the reason for the end of what is under way for them. */
  constructor(
    private readonly ahead: RefreshAhead,
    private readonly changes: ChangeWatch,
    private readonly over: () => Error,
  ) {}

  add(userInfo: ResolvedUserInfo | undefined): Hold {
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
    inOwnContext(() => this.changes.start());
    this.#inUse.set(hold, userInfo);
    this.#follow();
    return hold;
  }

  /** How long what they use stays valid after `now`, in ms: the soonest to expire counts. `undefined` if that is not known. */
  validFor(now: number): number | undefined {
    const remaining = Math.min(...this.#used.map((userInfo) => userInfo.remaining(now)));
    return remaining < Infinity ? Math.max(0, remaining) : undefined;
  }

  /** Whether there are connections, and all of them use what says the same as `userInfo`. */
  allUse(userInfo: ResolvedUserInfo): boolean {
    const used = [...this.#inUse.values()];
    return used.length > 0 && used.every((one) => one !== undefined && saysTheSame(one, userInfo));
  }

  /** Ends what is under way for them. */
  clear(): void {
    this.#inUse.clear();
    this.#stop();
  }

  #follow(): void {
    inOwnContext(() => this.ahead.follow(this.#used));
  }

  get #used(): ResolvedUserInfo[] {
    return [...this.#inUse.values()].filter((userInfo) => userInfo !== undefined);
  }

  #stop(): void {
    inOwnContext(() => {
      this.ahead.stop(this.over);
      this.changes.stop(this.over);
    });
  }
}
