import { type Clock, ClosedError } from '../../base/index.js';
import type { AuthProtocolHandlerInternals } from '../dialling/protocol-handler.js';
import type { DeniedOperation } from '../dialling/server-error.js';
import type {
  NatsConnectionInternals,
  ReceivedInternals,
  SubscriptionInternals,
} from '../drivers/internals.js';
import { ownSubscription } from '../own-subscriptions.js';
import type { Session } from '../rotation/session.js';
import { fingerprint, Overlap } from './overlap.js';

/** A stable connection, as the sessions on the connections under it see it. */
export interface StableEnd {
  readonly clock: Clock;
  /** What the application is subscribed to. */
  readonly subscribed: Iterable<SubscriptionInternals>;
  /** The requests that wait for a reply. */
  readonly requests: readonly object[];
  /** The session of the connection in use. */
  readonly current: StableSession | undefined;
  /** The queue group in which it is subscribed; none if each connection gets all messages, and the repeats are dropped. */
  groupOf(subscription: SubscriptionInternals): string | undefined;
  /** Whether it waits for replies to requests. */
  awaitsReplies(subscription: SubscriptionInternals): boolean;
  deliver(subscription: SubscriptionInternals, message: ReceivedInternals): void;
  /** The server has refused what the application has just asked for. */
  refuse(operation: DeniedOperation, subject: string): void;
  statusOf(session: StableSession, status: object): void;
  began(session: StableSession): void;
  ended(session: StableSession): void;
}

/** A connection that has the same subscriptions for a time. */
interface Neighbour {
  readonly overlap: Overlap;
  readonly session: StableSession;
}

/** How often to look whether the last reply has come, in ms. */
const LOOK_EVERY_MS = 5;

/** The subscriptions of a stable connection on one of the connections under it. */
export class StableSession implements Session {
  readonly handler: AuthProtocolHandlerInternals;
  readonly #live = new Map<SubscriptionInternals, SubscriptionInternals>();
  /** With the connection that this one succeeds, until nothing more arrives there. */
  #before?: Neighbour;
  /** What its predecessor may get alone, because the server has not confirmed yet that this one is subscribed, too. */
  readonly #unconfirmed = new Set<SubscriptionInternals>();
  /** With the connection that succeeds this one. */
  #after?: Neighbour;
  /** The server has not confirmed yet that it has what a connection begins with. */
  #settling = true;
  #tookOver = false;
  /** Rejects the calls of `flush()` that are under way: nats.js never settles those of a connection that is closed. */
  readonly #flushes = new Set<(error: Error) => void>();
  #isOver = false;

  constructor(
    private readonly nc: NatsConnectionInternals,
    private readonly end: StableEnd,
  ) {
    this.handler = nc.protocol as AuthProtocolHandlerInternals;
  }

  /** Others send to what is subscribed, if anything is. */
  get needsInterest(): boolean {
    return this.#live.size > 0;
  }

  get pending(): number {
    return this.#isCurrent ? this.end.requests.length : 0;
  }

  start(): void {
    const { current } = this.end;
    if (current && !current.#isOver) {
      const overlap = new Overlap();
      this.#before = { overlap, session: current };
      current.#after = { overlap, session: this };
    }
    this.end.began(this);
    this.handler.listeners.push({ push: (status) => this.end.statusOf(this, status), stop: () => {} });
    for (const subscription of this.end.subscribed) this.subscribe(subscription);
  }

  /** It has become the current one. */
  takesOver(): void {
    this.#tookOver = true;
    this.#settling = false;
  }

  subscribe(subscription: SubscriptionInternals): void {
    const { subject, max, received } = subscription;
    const live = this.nc.subscribe(subject, {
      queue: this.end.groupOf(subscription),
      max: max === undefined ? undefined : max - received,
      callback: (error, message) => {
        if (!error) this.#arrived(subscription, message);
      },
    });
    this.#live.set(subscription, ownSubscription(live));
    if (!this.#before) return;
    this.#unconfirmed.add(subscription);
    if (this.#unconfirmed.size === 1) void this.#confirm(this.#before.session).catch(() => {});
  }

  /** @param max ends it with as many messages, counted from the beginning of the subscription. */
  unsubscribe(subscription: SubscriptionInternals, max?: number): void {
    const live = this.#live.get(subscription);
    if (!live) return;
    const more = max === undefined ? 0 : max - subscription.received;
    if (more > 0) return live.unsubscribe(live.received + more);
    this.#live.delete(subscription);
    if (!subscription.draining) return live.unsubscribe();
    this.handler.unsub(live);
    void this.nc
      .flush()
      .catch(() => {})
      .then(() => live.unsubscribe());
  }

  /**
   * Resolves when the server has what was sent; after a reconnect by our doing, that includes what was held back.
   * @throws {Error} the connection was lost, or closed.
   */
  flush(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#flushes.add(reject);
      void this.nc
        .flush()
        .then(resolve, reject)
        .finally(() => this.#flushes.delete(reject));
    });
  }

  /** What is sent last of all on a connection that is no longer current arrives after everything else. */
  async drain(): Promise<void> {
    const isLast = this.#isCurrent;
    // What was subscribed during the handover must be there before it ends here.
    if (!isLast) await this.end.current?.flush().catch(() => {});
    if (this.#after) await this.#forgetEarly(this.#after).catch(() => {});
    this.#unsubscribeAll(isLast);
    await this.nc.flush();
    if (!isLast) this.#ended();
  }

  /** The role ends with its connection; on a predecessor nothing is awaited, because replies arrive on its successor. */
  async idle(): Promise<void> {
    if (this.#isCurrent) await this.#settle(this.end.requests);
  }

  /**
   * From here on nothing is sent. When the replies to what was sent are in, nothing is received either: what is unsubscribed last
   * misses least.
   */
  async rest(): Promise<void> {
    const flushed = this.nc.flush();
    this.handler.cork();
    const underWay = this.end.requests;
    await flushed;
    await this.#settle(underWay);
    await this.handler.sendPast(() => this.#unsubscribeAll(true));
  }

  disconnected(): void {
    this.#settling = true;
  }

  /** nats.js has subscribed all of it again. */
  connected(): Promise<void> | undefined {
    this.#settling = true;
    return this.#live.size > 0 ? this.nc.flush() : undefined;
  }

  serves(): void {
    this.#settling = false;
  }

  closed(): void {
    for (const reject of this.#flushes) reject(new ClosedError('The connection'));
    this.#flushes.clear();
    this.#ended();
  }

  /**
   * What is refused where a connection begins is told and tried again, and its subscription goes on; what the application has
   * just asked for fails, as it does in nats.js.
   */
  permissionDenied(operation: DeniedOperation, subject: string, known = false): 'ours' {
    if (operation === 'publish' || (!known && !this.#settling && this.#isCurrent))
      this.end.refuse(operation, subject);
    return 'ours';
  }

  subscribeAgain(subjects: ReadonlySet<string>, last: number): void {
    const all = [...this.#live.values()];
    const unnamed = all.filter(({ subject }) => !subjects.has(subject));
    const named = all.filter(({ subject }) => subjects.has(subject));
    for (const live of [...named, ...unnamed.slice(unnamed.length - last)]) this.handler._sub(live);
  }

  /** What the predecessor gets from then on was sent when the server had the subscriptions of both. */
  async #confirm(predecessor: StableSession): Promise<void> {
    while (this.#unconfirmed.size > 0) {
      await Promise.resolve();
      const subscribed = [...this.#unconfirmed];
      await this.flush();
      await predecessor.flush();
      for (const subscription of subscribed) this.#unconfirmed.delete(subscription);
    }
  }

  /** An equal message that only the successor gets is no repeat of what only this one has got. */
  #forgetEarly({ overlap, session }: Neighbour): Promise<void> {
    return overlap.forgetEarly({ old: () => this.flush(), new: () => session.flush() });
  }

  get #isCurrent(): boolean {
    return this.end.current === this;
  }

  /** nats.js keeps them, and subscribes them again if it dials again. */
  #unsubscribeAll(exceptReplies: boolean): void {
    for (const [subscription, live] of this.#live)
      if (!exceptReplies || !this.end.awaitsReplies(subscription)) this.handler.unsub(live);
  }

  /** Resolves when none of these requests waits for a reply any more. */
  async #settle(requests: readonly object[]): Promise<void> {
    const awaited = new Set(requests);
    const waiting = () => this.end.requests.some((request) => awaited.has(request));
    while (waiting() && !this.#isOver && this.handler.connected)
      await new Promise<void>((resolve) => this.end.clock.after(LOOK_EVERY_MS, resolve));
  }

  #arrived(subscription: SubscriptionInternals, message: ReceivedInternals): void {
    const isAlone = !this.#before && !this.#after;
    if (isAlone || this.end.groupOf(subscription) !== undefined)
      return this.end.deliver(subscription, message);
    const { subject, reply = NOTHING } = message._msg;
    const print = fingerprint(decoder.decode(subject), decoder.decode(reply), message._rdata);
    const once = `${subscription.sid} ${print}`;
    if (this.#before) this.#before.overlap.onNew(once, () => this.#pass(once, subscription, message));
    else this.#pass(once, subscription, message);
  }

  /** Hands a message over, unless it has arrived on a successor before. */
  #pass(print: string, subscription: SubscriptionInternals, message: ReceivedInternals): void {
    for (let after = this.#after; after; after = after.session.#after)
      if (!after.overlap.onOld(print, after.session.#unconfirmed.has(subscription))) return;
    this.end.deliver(subscription, message);
  }

  /** Nothing more arrives on this connection. */
  #ended(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.end.ended(this);
    const before = this.#before;
    // A predecessor that is still there has got everything that a successor which never took over has.
    if (before && !this.#tookOver) before.session.#after = undefined;
    else before?.overlap.release();
    void this.#handOn();
    this.#live.clear();
  }

  /** What has arrived here may still be on its way to the successor: it comes before the answer to a PING. */
  async #handOn(): Promise<void> {
    const after = this.#after;
    if (!after) return;
    after.overlap.release();
    await after.session.flush().catch(() => {});
    this.#after = undefined;
    after.session.#before = undefined;
  }
}

const NOTHING = new Uint8Array();
const decoder = new TextDecoder();
