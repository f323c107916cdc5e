import { setTimeout as delay } from 'node:timers/promises';

import { type KV, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { InjectNatsAuthConnection } from 'nestjs-nats-auth';

import { untilItWorks } from '../jetstream/retry.js';
import { SERVERS } from '../nats/nats-configuration.js';
import { PRICES } from './prices.js';

const ARTICLES = ['apples', 'pears', 'plums'] as const;
const CHANGE_EVERY_MS = 1_000;
const START_WITHIN_MS = 30_000;

/** Changes one price after another, in a bucket where others watch them. */
@Injectable()
export class PriceList implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  readonly #stop = new AbortController();
  readonly #cents = new Map<string, number>(ARTICLES.map((article, n) => [article, 100 + 50 * n]));
  #bucket?: KV;

  constructor(@InjectNatsAuthConnection('pricing') private readonly nc: NatsConnection) {}

  async onModuleInit(): Promise<void> {
    // With its history, one who was away for minutes finds every revision.
    const options = { replicas: SERVERS, history: 64 };
    this.#bucket = await untilItWorks(
      () => new Kvm(this.nc).create(PRICES, options),
      AbortSignal.timeout(START_WITHIN_MS),
    );
  }

  onApplicationBootstrap(): void {
    void this.#changePrices();
  }

  onApplicationShutdown(): void {
    this.#stop.abort();
  }

  /** What an order costs. */
  quote(orderId: number): number {
    return this.#cents.get(ARTICLES[orderId % ARTICLES.length] ?? '') ?? 0;
  }

  async #changePrices(): Promise<void> {
    const { signal } = this.#stop;
    for (let n = 0; !signal.aborted; n++) {
      const article = ARTICLES[n % ARTICLES.length] ?? ARTICLES[0];
      const cents = 50 + ((n * 37) % 200);
      this.#cents.set(article, cents);
      await untilItWorks(async () => this.#bucket?.put(article, String(cents)), signal).catch(
        () => undefined,
      );
      await delay(CHANGE_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
