import type { Clock } from '../../base/index.js';

/** What was seen since a moment. */
interface Generation {
  readonly since: number;
  readonly marks: Set<string>;
}

/** More than one instance can answer while one of them could come again. */
const MOST_MARKS = 200_000;

/**
 * Knows requests again for as long as they are valid. Two generations do: what is in the older one was seen before the longest life began that any
 * of them has.
 */
export class SeenRequests {
  #current: Generation;
  #before: ReadonlySet<string> = new Set();
  #longestMs = 0;

  constructor(
    private readonly clock: Clock,
    private readonly most = MOST_MARKS,
  ) {
    this.#current = { since: clock.elapsed(), marks: new Set() };
  }

  /**
   * Whether none of the marks was seen before; from now on they are.
   * @param lifeMs how long a request with them is valid at most.
   */
  isNew(marks: readonly string[], lifeMs: number): boolean {
    this.#longestMs = Math.max(this.#longestMs, lifeMs);
    const age = this.clock.elapsed() - this.#current.since;
    if (age > this.#longestMs || this.#current.marks.size >= this.most / 2) this.#turn(age);
    const isSeen = marks.some((mark) => this.#current.marks.has(mark) || this.#before.has(mark));
    for (const mark of marks) this.#current.marks.add(mark);
    return !isSeen;
  }

  get size(): number {
    return this.#current.marks.size + this.#before.size;
  }

  #turn(age: number): void {
    // After a long rest the current ones are over as well.
    this.#before = age > 2 * this.#longestMs ? new Set() : this.#current.marks;
    this.#current = { since: this.clock.elapsed(), marks: new Set() };
  }
}
