import { type Clock, sleep } from '../../../libs/base/index.js';

/** Own handlers may not come back at all: calls go out without them after this time, in ms. */
const LONGEST_WAIT_FOR_OWN_HANDLERS_MS = 2_000;

/** A connection that is there, and what those who answer on others need. */
export interface Arrival {
  /** Resolves when the handlers of this application are subscribed; absent when they are, or when it has none. */
  readonly ownHandlers?: Promise<void>;
  /** How long calls are held back for handlers elsewhere, at most; in ms. */
  readonly releaseDelay: number;
  readonly clock: Clock;
  /** Numbers from 0 to 1 for jitter: clients that came back together do not send together. */
  readonly random: () => number;
}

/**
 * Calls sent as soon as a connection is back may find no responder: services lost their connections at the same moment.
 * @returns when they are to go out; `undefined` for at once. Rejects when `signal` aborts.
 */
export function readyForCalls(
  { ownHandlers, releaseDelay, clock, random }: Arrival,
  signal: AbortSignal,
): Promise<void> | undefined {
  if (!ownHandlers && releaseDelay === 0) return undefined;
  return (async () => {
    if (ownHandlers) await atMost(LONGEST_WAIT_FOR_OWN_HANDLERS_MS, ownHandlers, clock, signal);
    if (releaseDelay > 0) await sleep(clock, (releaseDelay * (1 + random())) / 2, signal);
  })();
}

async function atMost(ms: number, done: Promise<void>, clock: Clock, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const late = sleep(clock, ms, AbortSignal.any([over.signal, signal]));
  try {
    await Promise.race([done, late]);
  } finally {
    late.catch(() => {});
    over.abort();
  }
}
