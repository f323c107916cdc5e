import type { Tally } from './counts.js';
import { within } from './paced.js';

/** How long something may take to end when it is told to, in ms. */
const END_WITHIN_MS = 5_000;

/** Something that goes on until it is told to end, such as an iterator. */
export class Lasting {
  #told = false;

  /** @param over fulfils when it has ended, and rejects when it has failed. */
  constructor(
    private readonly what: string,
    private readonly over: Promise<unknown>,
    private readonly tally: Tally,
  ) {
    void this.#count();
  }

  /** @param tell ends it. */
  async end(tell: () => unknown): Promise<void> {
    this.#told = true;
    const told = async () => {
      await tell();
      await this.over;
    };
    if (await within(told(), END_WITHIN_MS)) return;
    this.tally.add('hung');
    this.tally.note(`${this.what} did not end`);
  }

  async #count(): Promise<void> {
    const why = await this.over.then(
      () => 'without an error',
      (error: unknown) => `with ${String(error)}`,
    );
    if (this.#told) return;
    this.tally.add('endedIterators');
    this.tally.note(`${this.what} ended ${why}`);
  }
}

/** Follows an iterator to its end. */
export async function follow<T>(iterator: AsyncIterable<T>, hear: (one: T) => void): Promise<void> {
  for await (const one of iterator) hear(one);
}
