import type { Events } from './events.js';
import type { Requests } from './requests.js';

const TICK_MS = 5;
const REQUESTS_PER_EVENT = 8;
/** More than this is never under way; beyond it the load waits. */
const MOST_PENDING = 500;

/** Requests and events at a steady rate. */
export class Load {
  #timer?: NodeJS.Timeout;
  #due = 0;

  constructor(
    private readonly requests: Requests,
    private readonly events: Events,
    private readonly perSecond: number,
  ) {}

  resume(): void {
    let before = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      // What could not be sent while too much was under way is not made up for.
      this.#due = Math.min(MOST_PENDING, this.#due + ((now - before) / 1_000) * this.perSecond);
      before = now;
      while (this.#due >= 1 && this.requests.pending + this.events.pending < MOST_PENDING) this.#send();
    }, TICK_MS);
  }

  pause(): void {
    clearInterval(this.#timer);
  }

  #send(): void {
    this.#due--;
    this.requests.send();
    if (this.requests.sent % REQUESTS_PER_EVENT === 0) this.events.send();
  }
}
