import type { Latency, Sent, Window } from './protocol.js';

/** Sends one message of a kind; rejects with `unanswered` when a request was sent and no reply came. */
export interface Sender {
  request(n: number): Promise<unknown>;
  event(n: number): Promise<unknown>;
  queued(n: number): Promise<unknown>;
}

/** The reason of a request that was sent and never answered. */
export const UNANSWERED = 'unanswered';

const TICK_MS = 5;
/** One event of each kind for so many requests. */
const REQUESTS_PER_EVENT = 8;
/** More requests than this are never under way; beyond it the load waits. */
const MOST_UNDER_WAY = 4_000;

/** Numbered requests and events at a steady rate. */
export class Load {
  readonly #latencies: [startedAt: number, ms: number][] = [];
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout;
  #requests = 0;
  #unanswered = 0;
  #failedSends = 0;
  #numbered = 0;
  #events = 0;
  #queued = 0;

  constructor(
    private readonly sender: Sender,
    perSecond: number,
    /** Where the numbers begin, so that those of several loads differ. */
    private readonly firstNumber = 0,
  ) {
    this.#timer = setInterval(() => {
      const due = ((performance.now() - this.#startedAt) / 1_000) * perSecond;
      while (this.#requests < due && this.#underWay.size < MOST_UNDER_WAY) this.#next();
    }, TICK_MS);
  }

  /** Ends the load, waits for what is under way, and tells what became of it. */
  async stop(windows: readonly Window[]): Promise<Sent> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
    const inside: number[] = [];
    const outside: number[] = [];
    for (const [startedAt, ms] of this.#latencies) {
      const during = windows.some(([from, to]) => startedAt + ms >= from && startedAt <= to);
      (during ? inside : outside).push(ms);
    }
    return {
      requests: this.#requests,
      unanswered: this.#unanswered,
      failedSends: this.#failedSends,
      events: this.#events,
      queued: this.#queued,
      inside: latency(inside),
      outside: latency(outside),
    };
  }

  #next(): void {
    const n = this.firstNumber + this.#requests++;
    const startedAt = Date.now();
    const before = performance.now();
    this.#track(this.sender.request(n), () => this.#latencies.push([startedAt, performance.now() - before]));
    if (n % REQUESTS_PER_EVENT > 0) return;
    const number = this.firstNumber + this.#numbered++;
    this.#track(this.sender.event(number), () => this.#events++);
    this.#track(this.sender.queued(number), () => this.#queued++);
  }

  #track(sent: Promise<unknown>, onDone: () => void): void {
    const settled = sent
      .then(onDone, (reason: unknown) => (reason === UNANSWERED ? this.#unanswered++ : this.#failedSends++))
      .finally(() => this.#underWay.delete(settled));
    this.#underWay.add(settled);
  }
}

function latency(values: number[]): Latency {
  const sorted = values.sort((a, b) => a - b);
  const at = (fraction: number) =>
    Number((sorted[Math.floor((sorted.length - 1) * fraction)] ?? 0).toFixed(2));
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
