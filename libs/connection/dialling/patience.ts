/**
 * How long an address may stay silent, in ms: briefly at first, because its host name may resolve to another address by now,
 * and twice as long after each silence, because the network may be slow.
 */
export class Patience {
  readonly #silences = new Map<string, number>();

  constructor(
    private readonly firstMs: number,
    private readonly longestMs: number,
  ) {}

  limitOf(address: string): number {
    return Math.min(this.firstMs * 2 ** (this.#silences.get(address) ?? 0), this.longestMs);
  }

  /** The address stayed silent for that long. */
  exhausted(address: string): void {
    this.#silences.set(address, (this.#silences.get(address) ?? 0) + 1);
  }

  /** A server has accepted, so the network works as before. */
  renew(): void {
    this.#silences.clear();
  }
}
