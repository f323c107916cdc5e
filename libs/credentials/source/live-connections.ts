import { inOwnContext } from '../../base/index.js';
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

  /** @param released makes the reason for the end of what is under way when the last one has been released. */
  constructor(
    private readonly ahead: RefreshAhead,
    private readonly changes: ChangeWatch,
    private readonly released: () => Error,
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
        else this.#stop(this.released());
      },
    };
    inOwnContext(() => this.changes.start());
    this.#inUse.set(hold, userInfo);
    this.#follow();
    return hold;
  }

  /** Ends what is under way for them. */
  clear(reason: Error): void {
    this.#inUse.clear();
    this.#stop(reason);
  }

  #follow(): void {
    const inUse = [...this.#inUse.values()].filter((userInfo) => userInfo !== undefined);
    inOwnContext(() => this.ahead.follow(inUse));
  }

  #stop(reason: Error): void {
    inOwnContext(() => {
      this.ahead.stop(reason);
      this.changes.stop(reason);
    });
  }
}
