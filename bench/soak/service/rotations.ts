import type { NatsAuthService } from 'nestjs-nats-auth';

import type { FaultWindow } from './traffic/fault-window.js';
import type { MoodyProvider } from './moody-provider.js';
import type { Problems } from './traffic/problems.js';

const EVERY_MS = 1_000;

/** A rotation every second, each to another user than the one before. */
export class Rotations {
  succeeded = 0;
  failedInFaults = 0;
  #resting = true;
  /** One was due while this rested. */
  #missed = false;
  #underWay?: Promise<void>;

  constructor(
    private readonly nats: NatsAuthService,
    private readonly provider: MoodyProvider,
    private readonly window: FaultWindow,
    private readonly problems: Problems,
  ) {
    setInterval(() => this.#due(), EVERY_MS);
  }

  resume(): void {
    this.#resting = false;
    if (this.#missed) this.#due();
    this.#missed = false;
  }

  /** Begins no more rotations, and waits for the one that is under way. */
  async rest(): Promise<void> {
    this.#resting = true;
    await this.#underWay;
  }

  #due(): void {
    if (this.#resting) this.#missed = true;
    else this.#underWay ??= this.#rotate().finally(() => (this.#underWay = undefined));
  }

  async #rotate(): Promise<void> {
    const excused = this.window.watch('rotations');
    this.provider.turn();
    try {
      await this.nats.rotate();
      this.succeeded++;
    } catch (error) {
      if (excused()) this.failedInFaults++;
      else this.problems.add(`a rotation failed while nothing was broken: ${String(error)}`);
    }
  }
}
