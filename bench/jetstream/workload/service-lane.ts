import type { Connection, CoreSubscription, JetStreamClient, RunningService } from '../drivers/driver.js';
import type { Tally } from './counts.js';
import { follow, Lasting } from './lasting.js';
import type { Lane } from './lane.js';
import { Paced } from './paced.js';

const REQUESTS_PER_SECOND = 50;
const TIMEOUT_MS = 3_000;
const SETTLE_WITHIN_MS = 10_000;

/** A service on the connection under test that others call, and calls of its own to a service of theirs. */
export class ServiceLane implements Lane {
  readonly #handled = new Set<string>();
  readonly #serving: Lasting;
  readonly #theirs: CoreSubscription;
  readonly #asked: Paced;
  readonly #asking: Paced;

  static async start(
    tested: Connection,
    client: JetStreamClient,
    peer: Connection,
    tally: Tally,
  ): Promise<ServiceLane> {
    const service = await client.addService('quotes', 'quotes.get');
    // The server has the subscriptions of both before somebody calls.
    await tested.flush();
    return new ServiceLane(tested, peer, tally, service);
  }

  private constructor(
    tested: Connection,
    peer: Connection,
    private readonly tally: Tally,
    private readonly service: RunningService,
  ) {
    this.#serving = new Lasting('the service', service.stopped, tally);
    void follow(service.requests, (request) => {
      const text = request.string();
      if (this.#handled.has(text)) tally.failed('duplicates', 'service', 'handled before');
      this.#handled.add(text);
      request.respond(text);
    });
    this.#theirs = peer.subscribe('stock.get');
    void follow(this.#theirs, (request) => request.respond(request.string()));
    const ask = (from: Connection, subject: string) => (n: number) => this.#request(from, subject, String(n));
    this.#asked = new Paced(REQUESTS_PER_SECOND, ask(peer, 'quotes.get'));
    this.#asking = new Paced(REQUESTS_PER_SECOND, ask(tested, 'stock.get'));
  }

  get requests(): number {
    return this.#asked.started + this.#asking.started;
  }

  async rest(): Promise<void> {
    await this.#asked.rest('a request to the service', SETTLE_WITHIN_MS, this.tally);
    await this.#asking.rest('a request', SETTLE_WITHIN_MS, this.tally);
  }

  async settle(): Promise<void> {
    await this.#serving.end(() => this.service.stop());
    this.#theirs.unsubscribe();
  }

  async #request(from: Connection, subject: string, text: string): Promise<void> {
    try {
      const reply = await from.request(subject, text, { timeout: TIMEOUT_MS });
      if (reply.string() !== text) throw new Error('the reply to another request');
    } catch (error) {
      this.tally.failed('failedRequests', `request to ${subject}`, error);
    }
  }
}
