import type { PeerProcess } from './peer-process.js';
import type { Latency, Sent, Window } from './protocol.js';

/** Numbers of one caller, so that no two use the same; a multiple of how many requests go with an event. */
const NUMBERS_EACH = 8_000_000;

/** Starts the load of several callers, which share the rate. */
export async function startLoads(callers: readonly PeerProcess[], perSecond: number): Promise<void> {
  await Promise.all(
    callers.map((caller, i) =>
      caller.ask({ do: 'load', perSecond: perSecond / callers.length, firstNumber: i * NUMBERS_EACH }),
    ),
  );
}

/** Ends it, and tells what they have sent together. */
export async function stopLoads(callers: readonly PeerProcess[], windows: readonly Window[]): Promise<Sent> {
  const sent = await Promise.all(
    callers.map(async (caller) => (await caller.ask({ do: 'stop', windows })) as Sent),
  );
  const sum = (of: (one: Sent) => number) => sent.reduce((total, one) => total + of(one), 0);
  // A percentile of several callers is that of the slowest.
  const worst = (of: (one: Sent) => Latency): Latency => {
    const most = (key: keyof Latency) => Math.max(...sent.map((one) => of(one)[key]));
    return { p50: most('p50'), p99: most('p99'), max: most('max') };
  };
  return {
    requests: sum(({ requests }) => requests),
    unanswered: sum(({ unanswered }) => unanswered),
    failedSends: sum(({ failedSends }) => failedSends),
    events: sum(({ events }) => events),
    queued: sum(({ queued }) => queued),
    inside: worst(({ inside }) => inside),
    outside: worst(({ outside }) => outside),
  };
}
