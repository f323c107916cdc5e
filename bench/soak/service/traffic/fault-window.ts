import type { Harm } from '../protocol.js';

type Victim = Exclude<Harm, 'nothing'>;

/** Knows when a fault is played, and so what may fail. */
export class FaultWindow {
  #harm: Harm = 'nothing';
  readonly #begun: Record<Victim, number> = { rotations: 0, requests: 0 };

  begin(harm: Harm): void {
    this.#harm = harm;
    if (harm !== 'nothing') this.#begun.rotations++;
    if (harm === 'requests') this.#begun.requests++;
  }

  end(): void {
    this.#harm = 'nothing';
  }

  /** The returned function tells whether a fault that can harm `victim` was played at any time since this call. */
  watch(victim: Victim): () => boolean {
    const begun = this.#begun[victim];
    const harmed = this.#harms(victim);
    return () => harmed || this.#begun[victim] > begun;
  }

  #harms(victim: Victim): boolean {
    return this.#harm === victim || this.#harm === 'requests';
  }
}
