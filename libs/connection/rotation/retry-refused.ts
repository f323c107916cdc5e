import { type Backoff, backoffDelay, type Clock, sleep } from '../../base/index.js';
import type { Refusal } from './refusals.js';

/** What is done about subscriptions that the server refuses. */
export interface RefusedSettings {
  /** Whether a refusal is expected and troubles nobody. */
  readonly isTolerated: (refusal: Refusal) => boolean;
  /** How often they are sent again. */
  readonly retry: Backoff;
}

/** The default. */
export const REFUSED: RefusedSettings = {
  isTolerated: () => false,
  retry: { initialDelay: 1_000, maxDelay: 30_000, factor: 2 },
};

/** What is subscribed again, and how often. */
export interface RefusedRetry {
  readonly backoff: Backoff;
  readonly clock: Clock;
  /** Numbers from 0 to 1 for jitter. */
  readonly random: () => number;
  /** Whether something is refused that should not be. */
  readonly isDue: () => boolean;
  /** Subscribes again what is refused, and resolves when the server has answered. */
  readonly subscribeAgain: () => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Subscribes again what the server has refused, with backoff, until nothing is refused any more. A server that grants a
 * permission to a connection that is there does not say so.
 */
export async function retryRefused(parts: RefusedRetry): Promise<void> {
  const { backoff, clock, random, subscribeAgain, signal } = parts;
  const isDue = () => !signal.aborted && parts.isDue();
  for (let failures = 1; isDue(); failures++) {
    await sleep(clock, backoffDelay(backoff, failures, random), signal).catch(() => {});
    // A reconnect may have subscribed all of it meanwhile.
    if (isDue()) await subscribeAgain().catch(() => {});
  }
}
