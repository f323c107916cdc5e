import type { SendRequest } from './systems/system.js';

/** A closed loop: a new request follows each answer. */
export interface Load {
  readonly concurrency: number;
  readonly payloadBytes: number;
  readonly ms: number;
}

/** What came of it. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** CPU time of the caller, in µs. */
  readonly cpuMicros: number;
}

/** @throws {Error} for an answer that is not what was sent. */
export async function runLoad(
  request: SendRequest,
  { concurrency, payloadBytes, ms }: Load,
): Promise<LoadResult> {
  const payload = 'x'.repeat(payloadBytes);
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const until = startedAt + ms;
  let requests = 0;
  const loop = async () => {
    while (performance.now() < until) {
      if ((await request(payload)) !== payload) throw new Error('The answer is not what was sent.');
      requests++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { requests, seconds, cpuMicros: user + system };
}
