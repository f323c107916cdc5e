/** Sends HTTP requests at a steady rate and counts what became of them. */
export class Traffic {
  requests = 0;
  answered = 0;
  failed = 0;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;

  /**
   * @param url gives the address of the n-th request.
   * @param onFailure hears why one failed.
   */
  constructor(
    url: (n: number) => string,
    perSecond: number,
    private readonly onFailure: (why: string) => void,
  ) {
    this.#timer = setInterval(() => {
      const request = this.#send(url(++this.requests)).finally(() => this.#inFlight.delete(request));
      this.#inFlight.add(request);
    }, 1_000 / perSecond);
  }

  /** Stops sending and waits for what is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.settled();
  }

  /** Waits for what is under way now. */
  async settled(): Promise<void> {
    await Promise.all(this.#inFlight);
  }

  async #send(url: string): Promise<void> {
    try {
      const response = await fetch(url);
      const { message = response.statusText } = (await response.json()) as { message?: string };
      if (!response.ok) throw new Error(message);
      this.answered++;
    } catch (error) {
      this.failed++;
      this.onFailure(error instanceof Error ? error.message : String(error));
    }
  }
}
