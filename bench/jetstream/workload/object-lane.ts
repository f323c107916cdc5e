import { setTimeout as pause } from 'node:timers/promises';

import type { JetStreamClient, Store } from '../drivers/driver.js';
import type { Tally } from './counts.js';
import type { Lane } from './lane.js';
import { within } from './paced.js';

export const STORE = 'scans';

/** From one put to the next, in ms, when it is done by then. */
const PUT_EVERY_MS = 2_500;
const SETTLE_WITHIN_MS = 60_000;

/** Puts one large object after the other, and reads each back when all is over. */
export class ObjectLane implements Lane {
  readonly #resting = new AbortController();
  readonly #put: string[] = [];
  readonly #loop: Promise<void>;
  #puts = 0;

  /** @param peerStore the same store through a connection that does not rotate. */
  static async start(
    client: JetStreamClient,
    peerStore: Store,
    bytes: number,
    tally: Tally,
  ): Promise<ObjectLane> {
    return new ObjectLane(await client.store(STORE), peerStore, bytes, tally);
  }

  private constructor(
    private readonly store: Store,
    private readonly peerStore: Store,
    private readonly bytes: number,
    private readonly tally: Tally,
  ) {
    this.#loop = this.#putAll();
  }

  get puts(): number {
    return this.#puts;
  }

  async rest(): Promise<void> {
    this.#resting.abort();
    if (await within(this.#loop, SETTLE_WITHIN_MS)) return;
    this.tally.add('hung');
    this.tally.note('a put of an object never settled');
  }

  async settle(): Promise<void> {
    for (const name of this.#put) {
      try {
        const found = await this.peerStore.getBlob(name);
        if (!found || Buffer.compare(found, contentsOf(name, this.bytes)) !== 0) throw new Error('not whole');
      } catch (error) {
        this.tally.failed('failedPuts', 'get of an object', error);
      }
    }
  }

  async #putAll(): Promise<void> {
    const { signal } = this.#resting;
    while (!signal.aborted) {
      const name = `scan-${this.#puts++}`;
      const next = pause(PUT_EVERY_MS, undefined, { signal }).catch(() => {});
      try {
        await this.store.putBlob({ name }, contentsOf(name, this.bytes));
        this.#put.push(name);
      } catch (error) {
        this.tally.failed('failedPuts', 'put of an object', error);
      }
      await next;
    }
  }
}

function contentsOf(name: string, bytes: number): Buffer {
  return Buffer.alloc(bytes, name);
}
