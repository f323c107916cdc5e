const MOST_KINDS = 20;

/** What must not happen, counted by its text. */
export class Problems {
  readonly #times = new Map<string, number>();

  add(text: string): void {
    const kind = this.#times.has(text) || this.#times.size < MOST_KINDS ? text : 'other problems';
    this.#times.set(kind, (this.#times.get(kind) ?? 0) + 1);
  }

  /** One line for each. */
  get lines(): string[] {
    return [...this.#times].map(([text, times]) => (times === 1 ? text : `${text} (${times} times)`));
  }
}
