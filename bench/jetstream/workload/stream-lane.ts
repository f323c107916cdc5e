import { setTimeout as pause } from 'node:timers/promises';

import type { Deliveries, Delivery, JetStreamAdmin, JetStreamClient } from '../drivers/driver.js';
import { Arrivals } from './arrivals.js';
import type { Tally } from './counts.js';
import { follow, Lasting } from './lasting.js';
import type { Lane } from './lane.js';
import { Paced, within } from './paced.js';

/** The stream, its subject and its durable consumer. */
export const STREAM = { name: 'ORDERS', subject: 'orders.new', durable: 'shipping' } as const;
/** What is not acknowledged for so long comes again. */
export const ACK_WAIT_MS = 5_000;

const PUBLISHES_PER_SECOND = 400;
const PUBLISH_TIMEOUT_MS = 5_000;
/** An application tries again under the same message id until the stream has it. */
const MOST_ATTEMPTS = 30;
const ATTEMPT_AGAIN_MS = 200;
const SETTLE_WITHIN_MS = 30_000;

/** How the messages of the stream are handled. */
export interface StreamLaneOptions {
  /** How long a handler takes until it acknowledges, in ms. */
  readonly handlerMs: number;
  /** How long what is still to come in order may stay away, in ms. */
  readonly quietMs: number;
}

/** Publishes with message ids, a pull consumer that acknowledges, and an ordered consumer. */
export class StreamLane implements Lane {
  readonly pulled = new Arrivals();
  readonly inOrder = new Arrivals();
  readonly #publishing: Paced;
  readonly #pulling: Lasting;
  readonly #ordering: Lasting;
  readonly #acks = new Set<NodeJS.Timeout>();
  /** Where in the stream each of them is. */
  readonly #seqs = new Map<number, number>();
  #deliveries = 0;
  #latestMs = 0;
  #lastSeq = 0;

  static async start(
    client: JetStreamClient,
    admin: JetStreamAdmin,
    options: StreamLaneOptions,
    tally: Tally,
  ): Promise<StreamLane> {
    const messages = await client.consume(STREAM.name, STREAM.durable);
    const ordered = await client.consumeInOrder(STREAM.name);
    return new StreamLane(client, admin, options, tally, messages, ordered);
  }

  private constructor(
    private readonly client: JetStreamClient,
    private readonly admin: JetStreamAdmin,
    private readonly options: StreamLaneOptions,
    private readonly tally: Tally,
    private readonly messages: Deliveries,
    private readonly ordered: Deliveries,
  ) {
    const pulled = follow(messages, (one) => this.#pull(one));
    this.#pulling = new Lasting('the pull consumer', pulled, tally);
    const heard = follow(ordered, (one) => this.#hearInOrder(one));
    this.#ordering = new Lasting('the ordered consumer', heard, tally);
    this.#publishing = new Paced(PUBLISHES_PER_SECOND, (n) => this.#publish(n));
  }

  get publishes(): number {
    return this.#publishing.started;
  }

  get deliveries(): number {
    return this.#deliveries;
  }

  /** The longest that a stored message waited for the ordered consumer, in ms. */
  get msOrderedResumed(): number {
    return Math.round(this.#latestMs);
  }

  async rest(): Promise<void> {
    await this.#publishing.rest('a publish', SETTLE_WITHIN_MS, this.tally);
  }

  async settle(): Promise<void> {
    await Promise.all([this.#settlePulling(), this.inOrder.quiet(this.options.quietMs)]);
    const late = this.inOrder.missing;
    if (late > 0) this.tally.note(`${late} never came to the ordered consumer`);
    this.tally.add('lost', this.pulled.missing + late);
    await this.#pulling.end(() => this.messages.close());
    await this.#ordering.end(() => this.ordered.close());
    for (const ack of this.#acks) clearTimeout(ack);
  }

  async #publish(n: number): Promise<void> {
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      try {
        await this.client.publish(STREAM.subject, String(n), {
          msgID: `order-${n}`,
          timeout: PUBLISH_TIMEOUT_MS,
        });
        this.pulled.expect(n);
        this.inOrder.expect(n);
        return;
      } catch (error) {
        if (attempt === 1) this.tally.failed('failedPublishes', 'publish', error);
        await pause(ATTEMPT_AGAIN_MS);
      }
    }
    this.tally.failed('lost', 'publish', 'given up');
  }

  #pull(message: Delivery): void {
    this.#deliveries++;
    if (message.redelivered) this.tally.add('redelivered');
    const n = Number(message.string());
    if (!this.pulled.arrive(n)) {
      const what = this.#seqs.get(n) === message.seq ? 'delivered again' : 'stored twice';
      this.tally.failed('duplicates', 'pull', what);
    }
    this.#seqs.set(n, message.seq);
    if (this.options.handlerMs === 0) return message.ack();
    const ack = setTimeout(() => {
      this.#acks.delete(ack);
      message.ack();
    }, this.options.handlerMs);
    this.#acks.add(ack);
  }

  #hearInOrder(message: Delivery): void {
    this.#latestMs = Math.max(this.#latestMs, Date.now() - message.info.timestampNanos / 1e6);
    if (message.seq <= this.#lastSeq) this.tally.failed('duplicates', 'ordered', 'out of order');
    this.#lastSeq = Math.max(this.#lastSeq, message.seq);
    this.inOrder.arrive(Number(message.string()));
  }

  /** What is not acknowledged comes again: only when nothing is left has nothing been lost, and nothing been done twice. */
  async #settlePulling(): Promise<void> {
    const done = new AbortController();
    const settled = async () => {
      for (;;) {
        done.signal.throwIfAborted();
        const { pending, unacked } = await this.admin.leftOf(STREAM.name, STREAM.durable);
        if (pending + unacked === 0 && this.pulled.missing === 0) return;
        await pause(100);
      }
    };
    if (await within(settled(), SETTLE_WITHIN_MS)) return;
    done.abort();
    this.tally.note('the pull consumer never came to an end');
  }
}
