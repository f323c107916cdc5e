import type { TrafficView } from '../page/system-view.js';

/** What became of the requests of one second. */
interface Second {
  readonly at: number;
  sent: number;
  answered: number;
  failed: number;
}

const REMEMBERED_SECONDS = 125;

/** Sends HTTP requests at a steady rate and counts what became of them. */
export class Traffic {
  #requests = 0;
  #answered = 0;
  #failed = 0;
  readonly #seconds: Second[] = [];
  readonly #inFlight = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  /** When the next request is to be sent. Each second has the same number, however late a timer is. */
  #due = Math.ceil(Date.now() / 1_000) * 1_000;

  /**
   * @param url gives the address of the n-th request.
   * @param onFailure hears why one failed.
   */
  constructor(
    private readonly url: (n: number) => string,
    perSecond: number,
    private readonly onFailure: (why: string) => void,
  ) {
    const everyMs = 1_000 / perSecond;
    this.#timer = setInterval(() => this.#sendWhatIsDue(everyMs), everyMs);
  }

  /** One moment's counts: `requests` is the sum of the other three, in total and in each second. */
  get view(): TrafficView {
    const [requests, answered, failed] = [this.#requests, this.#answered, this.#failed];
    return {
      requests,
      answered,
      failed,
      waiting: requests - answered - failed,
      seconds: this.#seconds.map(({ at, sent, answered, failed }) => [at, sent, answered, failed]),
    };
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

  #sendWhatIsDue(everyMs: number): void {
    const now = Date.now();
    // After the machine slept, or its clock was set, there is nothing to catch up on.
    if (Math.abs(now - this.#due) > 2_000) this.#due = Math.ceil(now / 1_000) * 1_000;
    for (; this.#due <= now; this.#due += everyMs) {
      const second = this.#secondOf(this.#due);
      second.sent++;
      const request = this.#send(this.url(++this.#requests), second);
      this.#inFlight.add(request);
      void request.finally(() => this.#inFlight.delete(request));
    }
  }

  #secondOf(time: number): Second {
    const at = Math.floor(time / 1_000) * 1_000;
    const latest = this.#seconds.at(-1);
    if (latest?.at === at) return latest;
    const second = { at, sent: 0, answered: 0, failed: 0 };
    this.#seconds.push(second);
    if (this.#seconds.length > REMEMBERED_SECONDS) this.#seconds.shift();
    return second;
  }

  async #send(url: string, second: Second): Promise<void> {
    try {
      const response = await fetch(url);
      const { message = response.statusText } = (await response.json()) as { message?: string };
      if (!response.ok) throw new Error(message);
      this.#answered++;
      second.answered++;
    } catch (error) {
      this.#failed++;
      second.failed++;
      this.onFailure(error instanceof Error ? error.message : String(error));
    }
  }
}
