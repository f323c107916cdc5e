import { randomUUID } from 'node:crypto';
import { once } from 'node:events';

import { type Clock, sleep } from '../../credentials/index.js';

/** The part of a nats.js connection that the probe uses. */
export interface ProbeConnection {
  publish(subject: string, data: Uint8Array | string): void;
  subscribe(subject: string, options: { callback: (error: unknown) => void }): { unsubscribe(): void };
  flush(): Promise<void>;
}

/** How long interest may take to spread before a handover goes on without a proof, in ms. */
const LONGEST_SPREAD_MS = 2_000;
const PROBE_EVERY_MS = 5;
/**
 * What the other servers of the cluster get on top at least, since only one of them can be probed: where they hear of the new
 * subscriptions later than of the end of the old ones, messages are lost (docs/performance.md has what was measured).
 */
const SHORTEST_SETTLE_MS = 500;

/** The subject of a probe. */
export function probeSubject(inboxPrefix = '_INBOX'): string {
  return `${inboxPrefix}.${randomUUID()}`;
}

/**
 * Waits until the cluster knows what `to` has subscribed on another server than that of `from`: interest spreads after a
 * flush has returned, and until then a request at an old server finds nobody once the old subscriptions are gone.
 *
 * Interest in one account spreads in order, so the probe, which is subscribed last, arrives when all else has. Where it took long,
 * the way to the others may be long as well: they get three times as long.
 */
export async function interestHasSpread(
  from: ProbeConnection,
  to: ProbeConnection,
  subject: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const heard = new AbortController();
  const late = new AbortController();
  const cancel = clock.after(LONGEST_SPREAD_MS, () => late.abort());
  const over = AbortSignal.any([heard.signal, late.signal, signal]);
  const startedAt = performance.now();
  try {
    const probe = to.subscribe(subject, { callback: () => heard.abort() });
    // nats.js never settles the flush of a connection that is closed meanwhile.
    await Promise.race([to.flush(), once(over, 'abort')]);
    while (!over.aborted) {
      from.publish(subject, '');
      await sleep(clock, PROBE_EVERY_MS, over).catch(() => {});
    }
    probe.unsubscribe();
    const tookMs = heard.signal.aborted ? performance.now() - startedAt : 0;
    const settleMs = Math.min(LONGEST_SPREAD_MS, 3 * tookMs);
    await sleep(clock, Math.max(SHORTEST_SETTLE_MS, settleMs), signal);
  } catch {
    // One of the two was closed meanwhile: there is nothing to wait for any more.
  } finally {
    cancel();
  }
}
