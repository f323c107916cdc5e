import { type KV, Kvm, type KvWatchEntry } from '@nats-io/kv';
import type { NatsConnection, QueuedIterator } from '@nats-io/transport-node';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { InjectNatsAuthConnection } from 'nestjs-nats-auth';

import { untilItWorks } from '../jetstream/retry.js';
import type { PriceView, PricesView } from '../page/system-view.js';
import { PRICES } from '../pricing/prices.js';

const LOOK_AFTER_MS = 2_000;

/** Follows the prices, revision after revision. */
@Injectable()
export class PriceWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #stop = new AbortController();
  readonly #prices = new Map<string, PriceView>();
  #revision = 0;
  #missed = 0;
  #updates?: QueuedIterator<KvWatchEntry>;
  #timer?: NodeJS.Timeout;

  constructor(@InjectNatsAuthConnection('gateway') private readonly nc: NatsConnection) {}

  onApplicationBootstrap(): void {
    void this.#watchOn();
  }

  onApplicationShutdown(): void {
    this.#stop.abort();
    clearTimeout(this.#timer);
    this.#updates?.stop();
  }

  get view(): PricesView {
    const prices = [...this.#prices.values()].sort((a, b) => a.article.localeCompare(b.article));
    return { revision: this.#revision, missed: this.#missed, prices };
  }

  async #watchOn(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await untilItWorks(async () => {
        const bucket = await new Kvm(this.nc).open(PRICES);
        this.#updates = await bucket.watch({ resumeFromRevision: this.#revision + 1 });
        this.#lookAfter(bucket, this.#updates);
        for await (const update of this.#updates) {
          this.#take(update);
          this.#lookAfter(bucket, this.#updates);
        }
      }, signal).catch(() => undefined);
    }
  }

  /**
   * A watch lives on one server. While that is away, it is silent, and nats.js takes another after a minute. Prices change every second, so
   * a shorter silence is reason enough to ask whether there is something newer, and to go on from where the watch was.
   */
  #lookAfter(bucket: KV, updates: QueuedIterator<KvWatchEntry>): void {
    clearTimeout(this.#timer);
    if (this.#stop.signal.aborted) return;
    this.#timer = setTimeout(() => {
      const before = this.#revision;
      bucket.status().then(
        ({ streamInfo }) => {
          const isDeaf = this.#revision === before && streamInfo.state.last_seq > before;
          if (isDeaf) updates.stop();
          else this.#lookAfter(bucket, updates);
        },
        () => this.#lookAfter(bucket, updates),
      );
    }, LOOK_AFTER_MS);
  }

  #take(update: KvWatchEntry): void {
    const { key, revision, created } = update;
    if (revision <= this.#revision) return;
    if (this.#revision > 0) this.#missed += revision - this.#revision - 1;
    this.#revision = revision;
    this.#prices.set(key, { article: key, cents: Number(update.string()), revision, at: created.getTime() });
  }
}
