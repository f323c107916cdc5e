import { isolated } from '../isolated.js';
import { inOwnContext } from '../own-context.js';
import type { UserInfoProvider } from '../provider/user-info-provider.js';
import { describeError } from '../redaction.js';

/** Refreshes when the provider tells that there is newer user info. A watch that fails is reported, and disturbs nothing. */
export class ChangeWatch {
  #watching?: Watching;

  /** @param connection names the registration in a report. */
  constructor(
    private readonly connection: string,
    private readonly provider: UserInfoProvider,
    private readonly refresh: (signal: AbortSignal) => Promise<unknown>,
  ) {}

  /** Does nothing while there is a watch; one that failed to begin is tried again. */
  start(): void {
    if (this.#watching) return;
    isolated(
      () => {
        const watching: Watching = { stopped: new AbortController(), refreshing: false, changedAgain: false };
        // An application may tell of a change out of a request.
        watching.end = this.provider.watch?.(() => void inOwnContext(() => this.#run(watching)));
        this.#watching = watching;
        return watching.end;
      },
      (error) => this.#report(error),
    );
  }

  /** Ends the watch and the refresh under way. */
  stop(reason: Error): void {
    const { stopped, end } = this.#watching ?? {};
    this.#watching = undefined;
    stopped?.abort(reason);
    // The types ask for a function; JavaScript may return nothing, or a promise.
    if (typeof end === 'function') isolated(end, (error) => this.#report(error));
  }

  /** Changes that come during a refresh are one more refresh, however many they are. */
  async #run(watching: Watching): Promise<void> {
    const { signal } = watching.stopped;
    watching.changedAgain = true;
    if (watching.refreshing) return;
    watching.refreshing = true;
    while (watching.changedAgain && !signal.aborted) {
      watching.changedAgain = false;
      // The failure was told by the event of the call; what is in use stays until the provider tells of a change again.
      await this.refresh(signal).catch(() => {});
    }
    watching.refreshing = false;
  }

  #report(error: unknown): void {
    const what = `watch() of the user info provider of connection '${this.connection}' threw`;
    process.emitWarning(`${what}: ${describeError(error)}`);
  }
}

/** One watch, from its start to its stop. */
interface Watching {
  readonly stopped: AbortController;
  end?: () => unknown;
  refreshing: boolean;
  /** A change came during the refresh under way. */
  changedAgain: boolean;
}
