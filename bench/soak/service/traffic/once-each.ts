const REMEMBERED = 65_536;

/** Sees numbers that came before, in a memory that does not grow: it holds the last 65,536. */
export class OnceEach {
  readonly #last = new Float64Array(REMEMBERED).fill(-1);

  /** Whether this is the first time. */
  add(n: number): boolean {
    if (this.has(n)) return false;
    this.#last[n % REMEMBERED] = n;
    return true;
  }

  has(n: number): boolean {
    return this.#last[n % REMEMBERED] === n;
  }
}
