import { Subscription } from 'rxjs';

import { asError, type Backoff, backoffDelay, type Clock } from '../../../libs/base/index.js';
import type { ReplyHandler } from './inbox/index.js';

const BACKOFF: Backoff = { initialDelay: 50, maxDelay: 500, factor: 2 };
/** The status of the empty message by which the server answers "no responders". */
const NO_RESPONDERS = 503;

/** How a request is sent. */
export interface Attempts {
  /** Publishes it with a reply subject of its own; the returned function forgets it. */
  readonly send: (onReply: ReplyHandler) => () => void;
  /** Resolves when it may be sent again, unless its caller has given up. */
  readonly again: (caller: Subscription) => Promise<unknown>;
}

/**
 * For a while after an outage, sends requests again that nobody was there to answer: services that lost their connections
 * at the same moment may come back later than their callers.
 */
export class ResponderRetry {
  /** Ends the while. */
  #end?: () => void;
  /** Fail the requests that wait to be sent again. */
  readonly #paused = new Set<(error: Error) => void>();

  constructor(
    /** How long the while is, in ms. */
    private readonly awaitResponders: number,
    private readonly clock: Clock,
    private readonly random: () => number,
  ) {}

  /** Whether requests are sent again. */
  get active(): boolean {
    return this.#end !== undefined;
  }

  /** An outage is over. */
  begin(): void {
    this.#end?.();
    if (this.awaitResponders === 0) return;
    const cancel = this.clock.after(this.awaitResponders, () => (this.#end = undefined));
    this.#end = () => {
      cancel();
      this.#end = undefined;
    };
  }

  /** Sends a request; the returned function forgets it. */
  request({ send, again }: Attempts, onReply: ReplyHandler): () => void {
    const caller = new Subscription();
    let failures = 0;
    let forget = () => {};
    const attempt = () => {
      forget = send((error, message) => {
        if (error || !this.active || !isNoResponders(message)) return onReply(error, message);
        forget();
        pause();
        return Promise.resolve();
      });
    };
    const pause = () => {
      const failed = (error: unknown) => {
        if (caller.closed) return;
        caller.unsubscribe();
        void onReply(asError(error), {});
      };
      const cancel = this.clock.after(backoffDelay(BACKOFF, ++failures, this.random), () => {
        this.#paused.delete(failed);
        again(caller)
          .then(() => {
            if (!caller.closed) attempt();
          })
          .catch(failed);
      });
      this.#paused.add(failed);
      caller.add(() => {
        cancel();
        this.#paused.delete(failed);
      });
    };
    attempt();
    return () => {
      caller.unsubscribe();
      forget();
    };
  }

  /** Fails the requests that wait to be sent again. */
  close(error: Error): void {
    this.#end?.();
    for (const fail of [...this.#paused]) fail(error);
  }
}

function isNoResponders(message: object): boolean {
  const { data, headers } = message as {
    readonly data?: Uint8Array;
    readonly headers?: { readonly code?: number };
  };
  return headers?.code === NO_RESPONDERS && data?.length === 0;
}
