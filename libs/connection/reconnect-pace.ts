import { type Clock, type LateAbort, sleep } from '../credentials/index.js';
import type { ConnectionOptions } from './options.js';

/** Keeps the time between two dials of one server that nats.js would keep, but can be interrupted. */
export class ReconnectPace {
  readonly #lastDial = new Map<string, number>();

  constructor(
    private readonly options: ConnectionOptions,
    private readonly clock: Clock,
    private readonly random: () => number,
  ) {}

  /** Waits until `server` may be dialled again, if it may not yet; rejects with the reason of `abort`. */
  wait(server: string, abort: LateAbort): Promise<void> | undefined {
    const dialled = () => void this.#lastDial.set(server, this.clock.now());
    const lastDial = this.#lastDial.get(server);
    if (lastDial === undefined) return dialled();
    const delay = this.#delay();
    const sinceLastDial = this.clock.now() - lastDial;
    if (sinceLastDial >= delay) return dialled();
    // The second bound is for a wall clock that was set back.
    return sleep(this.clock, Math.min(delay - sinceLastDial, delay), abort.signal).then(dialled);
  }

  #delay(): number {
    const { reconnectDelayHandler, reconnectTimeWait = 2_000, tls } = this.options;
    if (reconnectDelayHandler) return reconnectDelayHandler();
    const { reconnectJitter = 100, reconnectJitterTLS = 1_000 } = this.options;
    return reconnectTimeWait + this.random() * (tls ? reconnectJitterTLS : reconnectJitter);
  }
}
