/** Requests of this process that have no answer yet. */
export class HeldRequests {
  #answers: Promise<unknown>[] = [];

  /** @param request sends one. */
  send(count: number, request: () => Promise<unknown>): void {
    this.#answers = Array.from({ length: count }, request);
  }

  /** Waits until all are answered, and forgets them. */
  async answered(): Promise<void> {
    await Promise.all(this.#answers);
    this.#answers = [];
  }
}
