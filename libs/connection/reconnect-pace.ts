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

  /** Waits until `server` may be dialled again; rejects with the reason of `abort`. */
  async wait(server: string, abort: LateAbort): Promise<void> {
    const delay = this.#delay();
    const sinceLastDial = this.clock.now() - (this.#lastDial.get(server) ?? -Infinity);
    // The second bound is for a wall clock that was set back.
    if (sinceLastDial < delay) await sleep(this.clock, Math.min(delay - sinceLastDial, delay), abort.signal);
    this.#lastDial.set(server, this.clock.now());
  }

  #delay(): number {
    const { reconnectDelayHandler, reconnectTimeWait = 2_000, tls } = this.options;
    if (reconnectDelayHandler) return reconnectDelayHandler();
    const { reconnectJitter = 100, reconnectJitterTLS = 1_000 } = this.options;
    return reconnectTimeWait + this.random() * (tls ? reconnectJitterTLS : reconnectJitter);
  }
}
