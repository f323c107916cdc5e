import type { Bucket, JetStreamClient, Watch } from '../drivers/driver.js';
import { Arrivals } from './arrivals.js';
import type { Tally } from './counts.js';
import { follow, Lasting } from './lasting.js';
import type { Lane } from './lane.js';
import { Paced } from './paced.js';

export const BUCKET = 'prices';
/** The most that a bucket keeps of a key: a watch that is begun anew misses nothing that is still there. */
export const HISTORY = 64;

const PUTS_PER_SECOND = 90;
const KEYS = 50;
const SETTLE_WITHIN_MS = 30_000;

/** Puts values and gets them again, and watches the bucket. */
export class KeyValueLane implements Lane {
  readonly updates = new Arrivals();
  readonly #putting: Paced;
  readonly #watching: Lasting;

  static async start(client: JetStreamClient, quietMs: number, tally: Tally): Promise<KeyValueLane> {
    const bucket = await client.bucket(BUCKET);
    return new KeyValueLane(bucket, quietMs, tally, await bucket.watch());
  }

  private constructor(
    private readonly bucket: Bucket,
    private readonly quietMs: number,
    private readonly tally: Tally,
    private readonly watch: Watch,
  ) {
    const watched = follow(watch, ({ revision }) => {
      if (!this.updates.arrive(revision)) this.tally.failed('duplicates', 'watch', 'seen before');
    });
    this.#watching = new Lasting('the watch', watched, tally);
    this.#putting = new Paced(PUTS_PER_SECOND, (n) => this.#putAndGet(n));
  }

  async rest(): Promise<void> {
    await this.#putting.rest('a put or get of a key', SETTLE_WITHIN_MS, this.tally);
  }

  async settle(): Promise<void> {
    await this.updates.quiet(this.quietMs);
    this.tally.add('missedUpdates', this.updates.missing);
    await this.#watching.end(() => this.watch.stop());
  }

  async #putAndGet(n: number): Promise<void> {
    const key = `price.${n % KEYS}`;
    try {
      const revision = await this.bucket.put(key, String(n));
      this.updates.expect(revision);
      const entry = await this.bucket.get(key);
      if (!entry || entry.revision < revision) throw new Error('an older value, or none');
    } catch (error) {
      this.tally.failed('failedPublishes', 'put and get of a key', error);
    }
  }
}
