import { setTimeout as pause } from 'node:timers/promises';

import type { Tally } from './counts.js';

const TICK_MS = 5;

/** Does something numbered at a steady rate, and catches up after the process was busy. */
export class Paced {
  readonly #underWay = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #started = 0;

  /** @param act must not reject: it counts its failures itself. */
  constructor(perSecond: number, act: (n: number) => Promise<void>) {
    const startedAt = performance.now();
    this.#timer = setInterval(() => {
      const due = ((performance.now() - startedAt) / 1_000) * perSecond;
      while (this.#started < due) {
        const done = act(this.#started++).finally(() => this.#underWay.delete(done));
        this.#underWay.add(done);
      }
    }, TICK_MS);
  }

  get started(): number {
    return this.#started;
  }

  /** What has not settled within so long hangs. */
  async rest(what: string, withinMs: number, tally: Tally): Promise<void> {
    clearInterval(this.#timer);
    await within(Promise.all(this.#underWay), withinMs);
    if (this.#underWay.size === 0) return;
    tally.add('hung', this.#underWay.size);
    tally.note(`${this.#underWay.size} × ${what} never settled`);
  }
}

/** Waits until it settles, or for so long. @returns whether it has settled. */
export async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const late = new AbortController();
  const settled = promise.then(
    () => true,
    () => true,
  );
  const result = await Promise.race([settled, pause(ms, false, { signal: late.signal }).catch(() => false)]);
  late.abort();
  return result;
}
