import { type Clock, describeError, LONGEST_TIMER_MS, sleep } from '../../base/index.js';
import type { ConnectionOptions } from '../options.js';

/** A cluster whose servers come and go announces new addresses forever; one pool never has more than these at a time. */
const MOST_REMEMBERED = 256;

/** Waits between two dials of one server as long as nats.js would, but can be interrupted. */
export class ReconnectPace {
  readonly #lastDial = new Map<string, number>();

  constructor(
    private readonly options: ConnectionOptions,
    private readonly clock: Clock,
    private readonly random: () => number,
  ) {}

  /** Waits until `server` may be dialled again, if necessary; rejects with the reason of `signal`. */
  wait(server: string, signal: AbortSignal): Promise<void> | undefined {
    const dialled = () => this.#dialled(server);
    const lastDial = this.#lastDial.get(server);
    if (lastDial === undefined) return dialled();
    const delay = this.#delay();
    const sinceLastDial = this.clock.now() - lastDial;
    if (sinceLastDial >= delay) return dialled();
    // The second bound is for a wall clock that was set back.
    return sleep(this.clock, Math.min(delay - sinceLastDial, delay), signal).then(dialled);
  }

  /** Lets every server be dialled at once, because no dial has failed. */
  reset(): void {
    this.#lastDial.clear();
  }

  #dialled(server: string): undefined {
    this.#lastDial.delete(server);
    this.#lastDial.set(server, this.clock.now());
    const [oldest] = this.#lastDial.keys();
    if (oldest !== undefined && this.#lastDial.size > MOST_REMEMBERED) this.#lastDial.delete(oldest);
    return undefined;
  }

  #delay(): number {
    const { reconnectTimeWait = 2_000, tls } = this.options;
    const { reconnectJitter = 100, reconnectJitterTLS = 1_000 } = this.options;
    const own = this.#ownDelay();
    return own ?? reconnectTimeWait + this.random() * (tls ? reconnectJitterTLS : reconnectJitter);
  }

  /** The delay from the application's handler; one that throws must not end the connection, nor cause dials without a pause. */
  #ownDelay(): number | undefined {
    try {
      const delay = this.options.reconnectDelayHandler?.();
      return delay !== undefined && delay >= 0 ? Math.min(delay, LONGEST_TIMER_MS) : undefined;
    } catch (error) {
      process.emitWarning(`'connection.reconnectDelayHandler' threw: ${describeError(error)}`);
      return undefined;
    }
  }
}
