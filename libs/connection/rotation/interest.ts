import { randomUUID } from 'node:crypto';
import { once } from 'node:events';

import { type Clock, sleep } from '../../base/index.js';
import { ownSubscription } from '../own-subscriptions.js';
import type { DeniedOperation } from '../dialling/server-error.js';

/** The part of a nats.js connection that the probe uses. */
export interface ProbeConnection {
  publish(subject: string, data: Uint8Array | string): void;
  subscribe(subject: string, options: { callback: (error: unknown) => void }): { unsubscribe(): void };
  flush(): Promise<void>;
}

/** How long interest may take to spread before a handover proceeds without proof, in ms. */
const LONGEST_SPREAD_MS = 2_000;
const PROBE_EVERY_MS = 5;
/**
 * The least extra time for the other servers of the cluster, since only one of them can be probed: where the new
 * subscriptions arrive later than the end of the old ones, messages are lost (docs/performance.md has the measurements).
 */
const SHORTEST_SETTLE_MS = 500;

/** A unique subject for a probe. */
export function probeSubject(inboxPrefix = '_INBOX'): string {
  return `${inboxPrefix}.${randomUUID()}`;
}

/** The consequence for a handover when the credentials allow no probe, as a phrase. */
export function withoutProof(denied: DeniedOperation, inboxPrefix = '_INBOX'): string {
  const what = denied === 'publish' ? 'publish' : 'subscribe';
  return (
    `it waited ${LONGEST_SPREAD_MS} ms for the cluster to know the new subscriptions, because a probe may not be sent: ` +
    `let the credentials ${what} '${inboxPrefix}.>'`
  );
}

/** One end of the path that is probed. */
export interface ProbeEnd {
  readonly nc: ProbeConnection;
  /** Calls `denied` when the server refuses `subject`, until the returned function is called. */
  own(subject: string, denied: (operation: DeniedOperation) => void): () => void;
}

/**
 * Waits until the cluster knows the subscriptions of `to`, which is on another server than `from`: interest spreads after a
 * flush has returned, and until then a request at an old server finds no responder once the old subscriptions are gone.
 *
 * Interest in one account spreads in order, so the probe, which is subscribed last, arrives after everything else. If it
 * took long, the paths to the other servers may be slow as well, so they get three times as long. If the credentials allow
 * no probe, the wait is as long as if it did not arrive.
 * @returns the operation that the credentials do not allow, if any.
 */
export async function interestHasSpread(
  from: ProbeEnd,
  to: ProbeEnd,
  subject: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<DeniedOperation | undefined> {
  const heard = new AbortController();
  const late = new AbortController();
  const cancel = clock.after(LONGEST_SPREAD_MS, () => late.abort());
  const over = AbortSignal.any([heard.signal, late.signal, signal]);
  const startedAt = clock.elapsed();
  let denied: DeniedOperation | undefined;
  const ends = [from, to].map((end) => end.own(subject, (operation) => (denied ??= operation)));
  // nats.js never settles the flush of a connection that is closed meanwhile.
  const flushed = ({ nc }: ProbeEnd) => Promise.race([nc.flush(), once(over, 'abort')]);
  try {
    const callback = (error: unknown) => {
      if (!error) heard.abort();
    };
    const probe = ownSubscription(to.nc.subscribe(subject, { callback }));
    await flushed(to);
    for (let first = true; !over.aborted; first = false) {
      if (!denied) from.nc.publish(subject, '');
      // The server logs a line for each denied probe, so wait for the answer to the first.
      if (!denied && first) await flushed(from);
      await sleep(clock, denied ? LONGEST_SPREAD_MS : PROBE_EVERY_MS, over).catch(() => {});
    }
    probe.unsubscribe();
    const tookMs = heard.signal.aborted ? clock.elapsed() - startedAt : 0;
    const settleMs = Math.min(LONGEST_SPREAD_MS, 3 * tookMs);
    await sleep(clock, Math.max(SHORTEST_SETTLE_MS, settleMs), signal);
  } catch {
    // One of the two was closed meanwhile, so there is nothing left to wait for.
  } finally {
    cancel();
    for (const end of ends) end();
  }
  return denied;
}
