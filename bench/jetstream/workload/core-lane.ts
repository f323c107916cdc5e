import type { Connection, CoreSubscription } from '../drivers/driver.js';
import { Arrivals } from './arrivals.js';
import type { Tally } from './counts.js';
import { follow, Lasting } from './lasting.js';
import type { Lane } from './lane.js';
import { Paced } from './paced.js';

const PER_SECOND = 100;
const QUIET_MS = 2_000;

/** Who publishes, and who hears it. */
interface Way {
  readonly subject: string;
  readonly from: Connection;
  readonly to: Connection;
  readonly queue?: string;
}

/** Publishes and subscriptions without JetStream: to the connection under test, with and without a queue group, from it, and to itself. */
export class CoreLane implements Lane {
  private constructor(
    private readonly traffic: readonly Traffic[],
    private readonly tally: Tally,
  ) {}

  static async start(tested: Connection, peer: Connection, tally: Tally): Promise<CoreLane> {
    const ways: readonly Way[] = [
      { subject: 'news.in', from: peer, to: tested },
      { subject: 'news.queued', from: peer, to: tested, queue: 'readers' },
      { subject: 'news.out', from: tested, to: peer },
      { subject: 'news.own', from: tested, to: tested },
    ];
    const subscribed = ways.map((way) => {
      const { queue, subject, to } = way;
      return { way, subscription: to.subscribe(subject, queue === undefined ? {} : { queue }) };
    });
    // The server has each subscription before something is published.
    await Promise.all([tested.flush(), peer.flush()]);
    return new CoreLane(
      subscribed.map(({ way, subscription }) => new Traffic(way, subscription, tally)),
      tally,
    );
  }

  get messages(): number {
    return this.traffic.reduce((sum, { messages }) => sum + messages, 0);
  }

  async rest(): Promise<void> {
    await Promise.all(this.traffic.map((one) => one.rest()));
  }

  async settle(): Promise<void> {
    await Promise.all(this.traffic.map((one) => one.settle()));
    for (const { lost, subject } of this.traffic) {
      this.tally.add('lostMessages', lost);
      if (lost > 0) this.tally.note(`${lost} of ${subject} lost`);
    }
  }
}

/** Numbered messages of one subject. */
class Traffic {
  readonly #arrivals = new Arrivals();
  readonly #publishing: Paced;
  readonly #following: Lasting;

  constructor(
    private readonly way: Way,
    private readonly subscription: CoreSubscription,
    private readonly tally: Tally,
  ) {
    const { subject, from } = way;
    const heard = follow(subscription, (message) => {
      if (!this.#arrivals.arrive(Number(message.string())))
        tally.failed('duplicates', subject, 'heard before');
    });
    this.#following = new Lasting(`the subscription to ${subject}`, heard, tally);
    this.#publishing = new Paced(PER_SECOND, (n) => {
      this.#arrivals.expect(n);
      try {
        from.publish(subject, String(n));
      } catch (error) {
        tally.note(`publish to ${subject}: ${String(error)}`);
      }
      return Promise.resolve();
    });
  }

  get subject(): string {
    return this.way.subject;
  }

  get messages(): number {
    return this.#publishing.started;
  }

  get lost(): number {
    return this.#arrivals.missing;
  }

  rest(): Promise<void> {
    return this.#publishing.rest(`a publish to ${this.subject}`, QUIET_MS, this.tally);
  }

  async settle(): Promise<void> {
    await this.#arrivals.quiet(QUIET_MS);
    await this.#following.end(() => this.subscription.unsubscribe());
  }
}
