/**
 * For how long an address may say nothing, in ms: not long at first, because a name may lead elsewhere by now, and twice as long each time that
 * it has said nothing, because a network may be slow.
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

  /** It has said nothing for that long. */
  exhausted(address: string): void {
    this.#silences.set(address, (this.#silences.get(address) ?? 0) + 1);
  }

  /** An address has accepted: the network is as it was. */
  renew(): void {
    this.#silences.clear();
  }
}
