import { randomBytes } from 'node:crypto';

import { ownSubscription } from '../../../libs/connection/index.js';
import { inOwnContext } from '../../../libs/base/index.js';
import type { NatsConnection, NatsMessage } from '../../module/nats-connection.js';
import type { Requester } from './work.js';

/** How often it is asked whether a requester is still there, in ms: of packets that go to it anyway. */
const ASK_EVERY_MS = 1_000;
/** How long a requester may have no subscription before it counts as lost, in ms: it may be reconnecting. */
const LOST_AFTER_MS = 5_000;

const NO_RESPONDERS = 503;
const TOKEN_BYTES = 12;

/** Where a service may hear that a requester has gone; one for all its connections. */
export interface AnswerInbox {
  /** Default: `_INBOX`. */
  readonly prefix?: string;
  /** The server has denied the subscription: it is not tried again on each connection. */
  refused?: boolean;
}

/**
 * Notices that nobody listens to a stream of replies any more: a packet that has a reply subject of its own is answered by the
 * NATS server when its subject has no subscriber. Requesters do not look at that reply subject.
 */
export class RequesterWatch {
  readonly #asking = new Map<string, () => void>();
  readonly #inbox: string;
  #subscribed = false;

  /**
   * @param now the time in ms, by a clock that nobody sets.
   */
  constructor(
    private readonly nc: Pick<NatsConnection, 'subscribe'>,
    private readonly answers: AnswerInbox,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#inbox = `${answers.prefix ?? '_INBOX'}.${token()}.`;
  }

  /** @param lost is called once, when the requester has been gone for too long. */
  watch(lost: () => void): Requester {
    const subject = this.#inbox + token();
    let askedAt = this.now();
    let unheard = false;
    let unheardSince: number | undefined;
    this.#asking.set(subject, () => {
      unheard = true;
      unheardSince ??= askedAt;
      if (this.now() - unheardSince >= LOST_AFTER_MS) lost();
    });
    return {
      ask: () => {
        const now = this.now();
        if (now - askedAt < ASK_EVERY_MS || !this.#open()) return undefined;
        // The one before was heard.
        if (!unheard) unheardSince = undefined;
        unheard = false;
        askedAt = now;
        return subject;
      },
      forget: () => this.#asking.delete(subject),
    };
  }

  /** One subscription for the connection, when the first stream lasts long enough to ask. */
  #open(): boolean {
    if (this.answers.refused) return false;
    if (this.#subscribed) return true;
    this.#subscribed = true;
    // It outlives the request that is the first to ask.
    inOwnContext(() =>
      ownSubscription(
        this.nc.subscribe(`${this.#inbox}*`, {
          callback: (error, message) => {
            if (error) this.answers.refused = true;
            else this.#heard(message);
          },
        }),
      ),
    );
    return true;
  }

  #heard({ subject, headers }: NatsMessage): void {
    if (headers?.code === NO_RESPONDERS) this.#asking.get(subject)?.();
  }
}

function token(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}
