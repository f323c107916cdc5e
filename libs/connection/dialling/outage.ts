import type { Clock } from '../../base/index.js';

/** How far an outage has come. */
export interface OutageProgress {
  /** The dials in it, the one that is told of included. */
  readonly attempt: number;
  /** How long it has lasted, in ms. */
  readonly downMs: number;
}

/**
 * The time in which a role is without a connection: from the loss, or from when a first connect began, until a server accepts.
 * A role that closes for good and opens anew without having been connected is still in the same outage.
 */
export class Outage {
  #since?: number;
  #attempts = 0;

  constructor(private readonly clock: Clock) {}

  /** Changes nothing if it has begun already. */
  begin(): void {
    this.#since ??= this.clock.elapsed();
  }

  dialled(): void {
    this.begin();
    this.#attempts++;
  }

  end(): void {
    this.#since = undefined;
    this.#attempts = 0;
  }

  get progress(): OutageProgress {
    const now = this.clock.elapsed();
    return { attempt: this.#attempts, downMs: now - (this.#since ?? now) };
  }
}
