/** Sends requests at a steady rate and counts what became of them. */
export class Traffic {
  requests = 0;
  answered = 0;
  failed = 0;
  #waiting: { startedAfter: number; resolve: () => void }[] = [];
  readonly #inFlight = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;

  /** @param url gives the address of the n-th request. */
  constructor(url: (n: number) => string, perSecond: number) {
    this.#timer = setInterval(() => {
      const request = this.#send(url(++this.requests)).finally(() => this.#inFlight.delete(request));
      this.#inFlight.add(request);
    }, 1_000 / perSecond);
  }

  /** Resolves when a request that starts from now on is answered. */
  nextAnswer(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ startedAfter: performance.now(), resolve }));
  }

  /** Stops sending and waits for what is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#inFlight);
  }

  async #send(url: string): Promise<void> {
    const startedAt = performance.now();
    const ok = await fetch(url).then(
      async (response) => (await response.arrayBuffer(), response.ok),
      () => false,
    );
    if (!ok) {
      this.failed++;
      return;
    }
    this.answered++;
    this.#waiting = this.#waiting.filter(
      ({ startedAfter, resolve }) => startedAt < startedAfter || resolve(),
    );
  }
}
