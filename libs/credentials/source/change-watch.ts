import { type Clock, describeError, inOwnContext, isolated, sleep } from '../../base/index.js';
import type { UserInfoProvider } from '../provider/user-info-provider.js';
import { ChangePace } from './change-pace.js';

/** A pause from which on a provider that tells of changes is reported, in ms: each refresh must have brought about the next change. */
const SUSPICIOUS_PAUSE_MS = 2_000;

/** Refreshes when the provider tells that there is newer user info. A watch that fails is reported, and disturbs nothing. */
export class ChangeWatch {
  #watching?: Watching;
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
    if (this.#watching) return;
    isolated(
      () => {
        const watching: Watching = {
          stopped: new AbortController(),
          pace: new ChangePace(this.clock),
          following: false,
          changed: false,
          wake: () => {},
        };
        // An application may tell of a change out of a request.
        watching.end = this.provider.watch?.(() => inOwnContext(() => this.#changed(watching)));
        this.#watching = watching;
        return watching.end;
      },
      (error) => this.#report('threw', error),
    );
  }

  /** Ends the watch and the refresh under way. */
  stop(reason: Error): void {
    const { stopped, end } = this.#watching ?? {};
    this.#watching = undefined;
    stopped?.abort(reason);
    // The types ask for a function; JavaScript may return nothing, or a promise.
    if (typeof end === 'function') isolated(end, (error) => this.#report('threw', error));
  }

  #changed(watching: Watching): void {
    watching.changed = true;
    watching.wake();
    if (!watching.following) void this.#follow(watching);
  }

  /** Changes that come while a refresh waits for its turn are one, however many they are. */
  async #follow(watching: Watching): Promise<void> {
    const { stopped, pace } = watching;
    watching.following = true;
    const isOver = () => stopped.signal.aborted;
    while (watching.changed && !isOver()) {
      const pauseMs = pace.next();
      if (pauseMs >= SUSPICIOUS_PAUSE_MS) this.#reportLoop();
      if (pauseMs > 0) await sleep(this.clock, pauseMs, stopped.signal).catch(() => {});
      if (isOver()) break;
      watching.changed = false;
      // A refresh that fails is made again later and later; the next change does not wait for that.
      const again = new Promise<void>((resolve) => (watching.wake = resolve));
      pace.active();
      // The failure was told by the event of the call; what is in use stays until the provider tells of a change again.
      const refreshed = this.refresh(stopped.signal)
        .catch(() => {})
        .then(() => pace.active());
      await Promise.race([refreshed, again]);
    }
    watching.following = false;
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

/** One watch, from its start to its stop. */
interface Watching {
  readonly stopped: AbortController;
  readonly pace: ChangePace;
  end?: () => unknown;
  /** A refresh for a change is under way, or waits for its turn. */
  following: boolean;
  /** A change came since the last refresh began. */
  changed: boolean;
  /** Tells the refresh under way of a change. */
  wake: () => void;
}
