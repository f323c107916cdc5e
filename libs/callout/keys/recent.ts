/** Keeps what was used last, so that what others send cannot fill the memory. */
export class Recent<V> {
  readonly #kept = new Map<string, V>();

  /** @param most how many are kept. */
  constructor(private readonly most: number) {}

  /** What is kept under the key; it is made where it is not. What cannot be made is not kept. */
  get(key: string, make: () => V | undefined): V | undefined {
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return kept;
    }
    const made = make();
    if (made !== undefined) this.#keep(key, made);
    return made;
  }

  get size(): number {
    return this.#kept.size;
  }

  #keep(key: string, value: V): void {
    this.#kept.set(key, value);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.most && oldest !== undefined) this.#kept.delete(oldest);
  }
}
