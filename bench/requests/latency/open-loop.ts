import { createHistogram } from 'node:perf_hooks';

import { pace } from './pacemaker.js';

/** Requests at a fixed rate, whether those before are answered or not. */
export interface OpenLoop {
  readonly perSecond: number;
  readonly payloadBytes: number;
  readonly ms: number;
}

/** In ms. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** In a millisecond. */
const NANOS = 1e6;
/** Requests that come closer together are sent together. */
const SHORTEST_PAUSE_MS = 0.1;

/**
 * Each latency counts from the moment at which the request was to be sent, also where the process was late: whoever is slow cannot
 * omit the requests that would have waited. The histogram of Node.js is an HDR histogram, of three digits.
 */
export async function runOpenLoop(
  { perSecond, payloadBytes, ms }: OpenLoop,
  request: (payload: string) => Promise<unknown>,
): Promise<Latency> {
  const payload = 'x'.repeat(payloadBytes);
  const latencies = createHistogram();
  const requests = Math.ceil((perSecond * ms) / 1_000);
  const gap = 1_000 / perSecond;
  await new Promise<void>((resolve, reject) => {
    let from = NaN;
    let sent = 0;
    let answered = 0;
    const ask = async (due: number) => {
      await request(payload);
      latencies.record(Math.max(1, Math.round((performance.now() - due) * NANOS)));
      if (++answered === requests) resolve();
    };
    pace(Math.max(gap, SHORTEST_PAUSE_MS), () => {
      const now = performance.now();
      if (sent === 0) from = now;
      for (; sent < requests && from + sent * gap <= now; sent++) ask(from + sent * gap).catch(reject);
      return sent < requests;
    });
  });
  const inMs = (nanos: number) => nanos / NANOS;
  return {
    p50: inMs(latencies.percentile(50)),
    p99: inMs(latencies.percentile(99)),
    max: inMs(latencies.max),
  };
}
