import { randomUUID } from 'node:crypto';

import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { InjectNatsAuthConnection } from 'nestjs-nats-auth';

import { untilItWorks } from '../jetstream/retry.js';
import { createOrderStream, ORDERS } from './order-stream.js';
import { OrderTally } from './order-tally.js';

const CONFIRM_WITHIN_MS = 2_000;

/** Keeps orders in a stream. */
@Injectable()
export class OrderStore implements OnModuleInit, OnApplicationShutdown {
  readonly #run = randomUUID();
  readonly #stop = new AbortController();

  constructor(
    @InjectNatsAuthConnection('orders') private readonly nc: NatsConnection,
    private readonly tally: OrderTally,
  ) {}

  async onModuleInit(): Promise<void> {
    await createOrderStream(this.nc);
  }

  onApplicationShutdown(): void {
    this.#stop.abort();
  }

  /** Stores an order, however long that takes. */
  place(order: object): void {
    const number = this.tally.place();
    const message = JSON.stringify({ ...order, number });
    // Without a confirmation nobody knows whether it is stored; of the same msgID, the server keeps one.
    const options = { msgID: `${this.#run}-${number}`, timeout: CONFIRM_WITHIN_MS };
    untilItWorks(() => jetstream(this.nc).publish(ORDERS.subject, message, options), this.#stop.signal).then(
      ({ seq }) => this.tally.stored(number, seq),
      // The application ends.
      () => undefined,
    );
  }
}
