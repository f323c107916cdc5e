import { type Clock, coalesced, describeError, inOwnContext, isolated, sleep } from '../../base/index.js';
import type { UserInfoProvider } from '../provider/user-info-provider.js';
import { ChangePace } from './change-pace.js';

/** A pause from which on a provider that tells of changes is reported, in ms: each refresh must have brought about the next change. */
const SUSPICIOUS_PAUSE_MS = 2_000;

/** Refreshes when the provider tells that there is newer user info. A watch that fails is reported, and disturbs nothing. */
export class ChangeWatch {
  /** From its start to its stop. */
  #watching?: { readonly stopped: AbortController; readonly end: unknown };
  #reported = false;

  /** @param connection names the registration in a report. */
  constructor(
    private readonly connection: string,
    private readonly provider: UserInfoProvider,
    private readonly clock: Clock,
    private readonly refresh: (signal: AbortSignal) => Promise<unknown>,
  ) {}

  /** Does nothing while there is a watch; one that failed to begin is tried again. */
  start(): void {
    if (this.#watching || !this.provider.watch) return;
    isolated(
      () => {
        const stopped = new AbortController();
        const changed = this.#follower(stopped.signal);
        // An application may tell of a change out of a request.
        const end: unknown = this.provider.watch?.(() => inOwnContext(changed));
        this.#watching = { stopped, end };
        return end;
      },
      (error) => this.#report('threw', error),
    );
  }

  /**
   * Ends the watch and the refresh under way.
   * @param reason makes the reason for that.
   */
  stop(reason: () => Error): void {
    if (!this.#watching) return;
    const { stopped, end } = this.#watching;
    this.#watching = undefined;
    stopped.abort(reason());
    // The types ask for a function; JavaScript may return nothing, or a promise.
    if (typeof end === 'function') isolated(end as () => unknown, (error) => this.#report('threw', error));
  }

  /** What a change calls. Changes that come while a refresh waits for its turn are one, however many they are. */
  #follower(stopped: AbortSignal): () => void {
    const pace = new ChangePace(this.clock);
    let changedAgain = () => {};
    const follow = coalesced(
      async () => {
        if (stopped.aborted) return;
        // A refresh that fails is made again later and later; the next change does not wait for that.
        const again = new Promise<void>((resolve) => (changedAgain = resolve));
        pace.active();
        // The failure was told by the event of the call; what is in use stays until the provider tells of a change again.
        const refreshed = this.refresh(stopped)
          .catch(() => {})
          .then(() => pace.active());
        await Promise.race([refreshed, again]);
      },
      () => this.#pause(pace.next(), stopped),
    );
    return () => {
      if (stopped.aborted) return;
      changedAgain();
      follow();
    };
  }

  #pause(pauseMs: number, stopped: AbortSignal): Promise<void> | undefined {
    if (pauseMs >= SUSPICIOUS_PAUSE_MS) this.#reportLoop();
    return pauseMs > 0 ? sleep(this.clock, pauseMs, stopped).catch(() => {}) : undefined;
  }

  #reportLoop(): void {
    if (this.#reported) return;
    this.#reported = true;
    this.#report(
      'called back again and again',
      'each refresh brings about the next change, so they are made later and later. Do not call changed() in getUserInfo(), nor' +
        ' for what the refresh itself causes',
    );
  }

  #report(what: string, error: unknown): void {
    const subject = `watch() of the user info provider of connection '${this.connection}' ${what}`;
    process.emitWarning(`${subject}: ${describeError(error)}`);
  }
}
