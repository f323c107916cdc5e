import type { NatsAuthClient } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { firstValueFrom, timeout } from 'rxjs';

import { SUBJECT } from './world.js';

/** Which requests a handler has seen, and how often. */
export class Seen {
  readonly #times = new Map<number, number>();

  add(id: number): void {
    this.#times.set(id, (this.#times.get(id) ?? 0) + 1);
  }

  /** Those that came more than once. */
  get again(): number[] {
    return [...this.#times].filter(([, times]) => times > 1).map(([id]) => id);
  }
}

const EVERY_MS = 10;
/** Longer than anything here takes to be answered, shorter than anybody waits for a fault to pass. */
const ANSWER_WITHIN_MS = 700;
const MOST_UNDER_WAY = 40;

/** A light load of requests with an id each, which is what they are answered with. */
export class Load {
  /** Requests that got the answer of another. */
  readonly crossed: string[] = [];
  readonly #underWay = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #next = 0;
  /** Ids that were answered, oldest first. */
  readonly #answered: number[] = [];

  constructor(private readonly client: NatsAuthClient) {
    this.#timer = setInterval(() => {
      if (this.#underWay.size < MOST_UNDER_WAY) this.#send(this.#next++);
    }, EVERY_MS);
  }

  /** The id of the request that comes next. */
  get next(): number {
    return this.#next;
  }

  /** How many requests from this id on were answered. */
  answeredFrom(id: number): number {
    return this.#answered.filter((answered) => answered >= id).length;
  }

  /** Waits until requests that begin after this call are answered. */
  async answered(what: string, least = 5): Promise<void> {
    const from = this.#next;
    await eventually(() => this.answeredFrom(from) >= least, {
      what: `answers ${what}`,
      timeoutMs: 20_000,
    });
  }

  /** Waits until so many more requests are on their way, answered or not. */
  async sends(more: number): Promise<void> {
    const from = this.#next;
    await eventually(() => this.#next >= from + more, { what: `${more} more requests`, timeoutMs: 20_000 });
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
  }

  #send(id: number): void {
    const sent = firstValueFrom(this.client.send<number>(SUBJECT, id).pipe(timeout(ANSWER_WITHIN_MS)))
      // What fails during a fault is the caller's to repeat; what counts is that nothing is done twice.
      .then(
        (answer) => this.#take(id, answer),
        () => undefined,
      )
      .finally(() => this.#underWay.delete(sent));
    this.#underWay.add(sent);
  }

  #take(id: number, answer: number): void {
    if (answer === id) this.#answered.push(id);
    else this.crossed.push(`${id} got ${answer}`);
  }
}
