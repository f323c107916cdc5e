import { type Clock, VirtualClock } from '../../libs/base/index.js';

/** What each delay is rounded up to, in ms. */
const TICK_MS = 100;

/**
 * A virtual clock for thousands of instances: timers are due on ticks, and all of one tick fire together. An alarm looks
 * at the clock every five seconds; one by one, that would be two hundred million turns of the event loop.
 */
export class CoarseClock implements Clock {
  readonly #clock: VirtualClock;
  readonly #ticks = new Map<number, Set<Timer>>();
  readonly #startAt: number;

  constructor(startAt: number) {
    this.#startAt = startAt;
    this.#clock = new VirtualClock(startAt);
  }

  elapsed(): number {
    return this.now();
  }

  now(): number {
    return this.#clock.now();
  }

  after(delayMs: number, callback: () => void): () => void {
    const elapsed = this.#clock.now() - this.#startAt;
    const tick = Math.max(Math.ceil((elapsed + delayMs) / TICK_MS), Math.floor(elapsed / TICK_MS) + 1);
    const timers = this.#ticks.get(tick) ?? this.#newTick(tick, tick * TICK_MS - elapsed);
    const timer = { callback };
    timers.add(timer);
    return () => void timers.delete(timer);
  }

  advance(ms: number): Promise<void> {
    return this.#clock.advance(ms);
  }

  #newTick(tick: number, delayMs: number): Set<Timer> {
    const timers = new Set<Timer>();
    this.#ticks.set(tick, timers);
    this.#clock.after(delayMs, () => {
      this.#ticks.delete(tick);
      // One that is cancelled by another of its tick is gone when its turn comes.
      for (const { callback } of timers) callback();
    });
    return timers;
  }
}

interface Timer {
  readonly callback: () => void;
}
