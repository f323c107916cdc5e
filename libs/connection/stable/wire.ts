import { randomUUID } from 'node:crypto';

import { asError, type Clock, sleep } from '../../base/index.js';
import type { DeniedOperation } from '../dialling/server-error.js';
import type {
  InfoInternals,
  ProtocolHandlerInternals,
  PublishInternals,
  ReceivedInternals,
  SubscriptionInternals,
} from '../drivers/internals.js';
import { DisconnectedError } from '../errors.js';
import { PushDeliveries } from './push-deliveries.js';
import type { Wire } from './stable-handler.js';
import type { StableEnd, StableSession } from './stable-session.js';

/** The collaborators of the connections under a stable one. */
export interface WireParts {
  readonly clock: Clock;
  /** Inboxes begin with this. */
  readonly inboxPrefix: string;
  /** The protocol handler of the stable connection. */
  readonly handler: () => ProtocolHandlerInternals;
  readonly rotate: () => Promise<unknown>;
  readonly close: () => Promise<void>;
  /** A callback of the application threw. */
  readonly callbackFailed: (subject: string, error: Error) => void;
}

/** How long the output of a connection may wait for the server to have that of its predecessor, in ms. */
const LONGEST_HOLD_MS = 1_000;

/** Ties the protocol handler of a stable connection to the connections under it. */
export class ConnectionsInTurn implements Wire, StableEnd {
  readonly #parts: WireParts;
  readonly #subscribed = new Set<SubscriptionInternals>();
  readonly #deliveries = new PushDeliveries((subject) => this.#isInbox(subject));
  /** Those that may still receive, oldest first. */
  readonly #sessions = new Set<StableSession>();
  readonly #instance = randomUUID();
  readonly #numbers = new WeakMap<SubscriptionInternals, number>();
  #lastNumber = 0;
  #current?: StableSession;
  #info?: InfoInternals;

  constructor(parts: WireParts) {
    this.#parts = parts;
  }

  get clock(): Clock {
    return this.#parts.clock;
  }

  get current(): StableSession | undefined {
    return this.#current;
  }

  get handler(): ProtocolHandlerInternals | undefined {
    return this.#current?.handler;
  }

  /** nats.js forgets it while it dials: an object store would cut an object that is put meanwhile into pieces of 1 KiB. */
  get info(): InfoInternals | undefined {
    this.#info = this.handler?.info ?? this.#info;
    return this.#info;
  }

  get subscribed(): Iterable<SubscriptionInternals> {
    return this.#subscribed;
  }

  get requests(): readonly object[] {
    const { muxSubscriptions } = this.#parts.handler();
    const own = [...this.#subscribed].filter(({ requestSubject }) => requestSubject !== undefined);
    return [...muxSubscriptions.all(), ...own];
  }

  publish(subject: string, payload: Uint8Array | string | undefined, options?: PublishInternals): void {
    const { handler } = this;
    if (!handler || handler.isClosed())
      throw new DisconnectedError(`There is no connection on which to publish to '${subject}'.`);
    const before = handler.outBytes;
    handler.publish(subject, payload, options);
    const own = this.#parts.handler();
    own.outMsgs++;
    own.outBytes += handler.outBytes - before;
  }

  subscribe(subscription: SubscriptionInternals): void {
    if (!this.#numbers.has(subscription)) this.#numbers.set(subscription, ++this.#lastNumber);
    this.#subscribed.add(subscription);
    for (const session of this.#sessions) session.subscribe(subscription);
  }

  unsubscribe(subscription: SubscriptionInternals, max?: number): void {
    for (const session of this.#sessions) session.unsubscribe(subscription, max);
    if (max === undefined || subscription.received >= max) this.#subscribed.delete(subscription);
  }

  async flush(): Promise<void> {
    const current = this.#current;
    // What a predecessor has received is handed over before, too.
    const others = [...this.#sessions].filter((session) => session !== current);
    const flushed = others.map((session) => session.flush().catch(() => {}));
    try {
      await Promise.all([current?.flush(), ...flushed]);
    } catch (error) {
      // Its successor took over, and what was sent before has been confirmed.
      if (this.#current === current) throw error;
      await this.flush();
    }
  }

  async rotate(): Promise<void> {
    await this.#parts.rotate();
  }

  close(): Promise<void> {
    return this.#parts.close();
  }

  /**
   * Each connection gets what is sent to an inbox, or pushed by JetStream, which knows no interest of a group; of everything else
   * one of them gets each message.
   */
  groupOf(subscription: SubscriptionInternals): string | undefined {
    const { subject, queue } = subscription;
    if (queue) return queue;
    if (this.#isInbox(subject) || this.#deliveries.has(subject)) return undefined;
    return `${this.#instance}.${this.#numbers.get(subscription)}`;
  }

  awaitsReplies(subscription: SubscriptionInternals): boolean {
    const { subscriptions } = this.#parts.handler();
    return subscription === subscriptions.getMux() || subscription.requestSubject !== undefined;
  }

  deliver(subscription: SubscriptionInternals, { _msg, _rdata }: ReceivedInternals): void {
    const handler = this.#parts.handler();
    if (handler.subscriptions.get(subscription.sid) !== subscription) return;
    if (this.awaitsReplies(subscription)) this.#learn(_rdata);
    try {
      handler.processMsg({ ..._msg, sid: subscription.sid }, _rdata);
    } catch (error) {
      // It must not reach the parser of nats.js, which would stop reading.
      this.#parts.callbackFailed(subscription.subject, asError(error));
    }
  }

  refuse(operation: DeniedOperation, subject: string): void {
    const handler = this.#parts.handler();
    const refused = [...this.#subscribed].filter((one) => one.subject === subject);
    const queue = operation === 'subscription' ? refused.find((one) => one.queue)?.queue : undefined;
    const what = operation === 'publish' ? 'Publish' : 'Subscription';
    const group = queue ? ` using queue "${queue}"` : '';
    handler.processError(encoder.encode(`'Permissions Violation for ${what} to "${subject}"${group}'`));
    for (const one of refused) if (handler.subscriptions.get(one.sid) !== one) this.unsubscribe(one);
  }

  statusOf(session: StableSession, status: { readonly type?: unknown }): void {
    if (session === this.#current && status.type !== 'close') this.#parts.handler().dispatchStatus(status);
  }

  began(session: StableSession): void {
    this.#sessions.add(session);
  }

  ended(session: StableSession): void {
    this.#sessions.delete(session);
  }

  /** Makes it the one that sends. Its output waits until the server has that of its predecessor, so that the order stays. */
  makeCurrent(session: StableSession): void {
    const before = this.#current;
    this.#current = session;
    this.#info = session.handler.info ?? this.#info;
    session.takesOver();
    if (!before) return;
    if (before.handler.connected) {
      session.handler.cork();
      const over = new AbortController();
      const late = sleep(this.clock, LONGEST_HOLD_MS, over.signal);
      void Promise.race([before.flush(), late])
        .catch(() => {})
        .finally(() => {
          over.abort();
          session.handler.uncork();
        });
    } else {
      // It was lost, perhaps while its successor was on its way, and was not to come back: consumers of JetStream ask again at this.
      const server = session.handler.getServer()?.toString();
      this.#parts.handler().dispatchStatus({ type: 'reconnect', server, data: server });
    }
  }

  #isInbox(subject: string): boolean {
    return [this.#parts.inboxPrefix, '_INBOX'].some((prefix) => subject.startsWith(`${prefix}.`));
  }

  /**
   * JetStream does not push to a group that it was not told of. Subscribing anew drops what is on its way, so it is only done for
   * subscriptions that were in a group until now.
   */
  #learn(answer: Uint8Array): void {
    for (const subject of this.#deliveries.learn(answer)) {
      for (const subscription of this.#subscribed) {
        if (subscription.subject !== subject || subscription.queue) continue;
        for (const session of this.#sessions) {
          session.unsubscribe(subscription);
          session.subscribe(subscription);
        }
      }
    }
  }
}

const encoder = new TextEncoder();
