import { type ConsumerMessages, jetstream, jetstreamManager, type JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { InjectNatsAuthConnection } from 'nestjs-nats-auth';

import { untilItWorks } from '../jetstream/retry.js';
import { ORDERS } from './order-stream.js';
import { OrderTally } from './order-tally.js';

const LOOK_FOR_LOSSES_EVERY_MS = 2_000;

/** Reads the orders back from the stream. */
@Injectable()
export class OrderLedger implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #stop = new AbortController();
  #messages?: ConsumerMessages;
  #timer?: NodeJS.Timeout;

  constructor(
    @InjectNatsAuthConnection('orders') private readonly nc: NatsConnection,
    private readonly tally: OrderTally,
  ) {}

  onApplicationBootstrap(): void {
    void this.#readOn();
    this.#timer = setInterval(() => {
      // Asked again in two seconds.
      this.#lookForLosses().catch(() => undefined);
    }, LOOK_FOR_LOSSES_EVERY_MS);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#timer);
    await this.#messages?.close();
  }

  async #readOn(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await untilItWorks(async () => {
        const consumer = await jetstream(this.nc).consumers.get(ORDERS.stream, ORDERS.consumer);
        // The heartbeat tells soon when the consumer has moved to another server.
        this.#messages = await consumer.consume({ expires: 10_000, idle_heartbeat: 1_000 });
        for await (const message of this.#messages) this.#take(message);
      }, signal).catch(() => undefined);
    }
  }

  #take(message: JsMsg): void {
    const { number } = message.json<{ number: number }>();
    this.tally.read(number, message.seq);
    message.ackAck().then(
      (isKnown) => isKnown && this.tally.acknowledged(number),
      // It is delivered again.
      () => undefined,
    );
  }

  async #lookForLosses(): Promise<void> {
    const manager = await jetstreamManager(this.nc, { checkAPI: false });
    const { ack_floor } = await manager.consumers.info(ORDERS.stream, ORDERS.consumer);
    this.tally.passed(ack_floor.stream_seq);
  }
}
