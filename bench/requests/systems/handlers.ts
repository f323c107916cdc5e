import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 10;
/** What has not arrived after this time, in ms, is lost. */
const PATIENCE_MS = 10_000;

/** What the responder of each system does with a message. */
export class Handlers {
  #events = 0;
  #lastEventAt = 0;
  #held: (() => void)[] = [];

  echo(payload: unknown): unknown {
    return payload;
  }

  event(): void {
    this.#events++;
    this.#lastEventAt = performance.now();
  }

  /** Answers when it is released. */
  held(payload: unknown): Promise<unknown> {
    return new Promise((resolve) => this.#held.push(() => resolve(payload)));
  }

  /**
   * Waits for so many events since the last call. @returns when the last of them was handled, in ms since the epoch.
   * @throws {Error} when some are lost.
   */
  async heard(events: number): Promise<number> {
    await until(`${events} events`, () => this.#events >= events);
    this.#events -= events;
    return performance.timeOrigin + this.#lastEventAt;
  }

  /** Waits until so many requests are held. @throws {Error} when some are lost. */
  async holds(requests: number): Promise<void> {
    await until(`${requests} requests`, () => this.#held.length >= requests);
  }

  release(): void {
    for (const answer of this.#held) answer();
    this.#held = [];
  }
}

async function until(what: string, arrived: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!arrived()) {
    if (performance.now() > deadline) throw new Error(`Not all of ${what} arrived within ${PATIENCE_MS} ms.`);
    await pause(LOOK_EVERY_MS);
  }
}
