import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 50;

/** Which of the numbered things have arrived. */
export class Arrivals {
  readonly #expected = new Set<number>();
  readonly #arrived = new Set<number>();

  expect(n: number): void {
    this.#expected.add(n);
  }

  /** @returns whether it has not been there before. */
  arrive(n: number): boolean {
    const isFirst = !this.#arrived.has(n);
    this.#arrived.add(n);
    return isFirst;
  }

  get missing(): number {
    let missing = 0;
    for (const n of this.#expected) if (!this.#arrived.has(n)) missing++;
    return missing;
  }

  get expected(): number {
    return this.#expected.size;
  }

  get arrived(): number {
    return this.#arrived.size;
  }

  /** Waits until nothing is missing, or nothing has arrived for so long. @returns whether something is missing. */
  async quiet(forMs: number): Promise<boolean> {
    let arrived = this.#arrived.size;
    for (let since = performance.now(); performance.now() - since < forMs;) {
      if (this.missing === 0) return false;
      await pause(LOOK_EVERY_MS);
      if (arrived === this.#arrived.size) continue;
      arrived = this.#arrived.size;
      since = performance.now();
    }
    return this.missing > 0;
  }
}
