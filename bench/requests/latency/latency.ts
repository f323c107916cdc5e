import { median } from '../../stats.js';
import { compare, type Comparison, takeTurns } from '../comparison.js';
import type { Contestant } from '../contestant.js';
import { printComparison } from '../print.js';
import { measureRequests } from '../throughput/requests.js';
import type { OpenLoop } from './open-loop.js';

/** `rotating`: this package, both of whose processes rotate all the time; nothing like it is there for the others. */
const LANES = { stock: 'stock', ours: 'ours', rotating: 'ours', bare: 'bare' } as const;

type Lane = keyof typeof LANES;
const LANE_NAMES = Object.keys(LANES) as Lane[];

const FIGURES = ['p50', 'p99', 'max'] as const;

const PAYLOAD_BYTES = 16;
const ROTATE_EVERY_MS = 500;

/** Latencies at one rate, in ms. */
export interface LatencyRow extends Comparison<Lane, (typeof FIGURES)[number]> {
  /** The rate, of all systems alike. */
  readonly requestsPerSecond: number;
  /** What part of the most that the stock transport came to in this run. */
  readonly load: number;
  readonly payloadBytes: number;
  /** How often one process or the other has rotated, in all rounds of `rotating`. */
  readonly rotations: number;
}

type Contestants = Record<(typeof LANES)[Lane], Contestant>;

/** Latencies of each system at the same rate. */
export async function compareLatencies(
  contestants: Contestants,
  rate: Pick<LatencyRow, 'requestsPerSecond' | 'load'>,
  { rounds, ms }: { rounds: number; ms: number },
): Promise<LatencyRow> {
  const load: OpenLoop = { perSecond: rate.requestsPerSecond, payloadBytes: PAYLOAD_BYTES, ms };
  let rotations = 0;
  const measured = await takeTurns(LANE_NAMES, rounds, async (lane) => {
    const contestant = contestants[LANES[lane]];
    if (lane !== 'rotating') return contestant.caller.ask('requestAtRate', load);
    const latency = await whileRotating(contestant, load);
    rotations += latency.rotations;
    return latency;
  });
  return { ...rate, payloadBytes: PAYLOAD_BYTES, rotations, ...compare(measured, FIGURES) };
}

/** The two take turns with it. */
async function whileRotating({ caller, responder }: Contestant, load: OpenLoop) {
  const rotations = { firstAfterMs: 0, everyMs: ROTATE_EVERY_MS, forMs: load.ms };
  const [latency, ofResponder] = await Promise.all([
    caller.ask('requestAtRate', { ...load, rotations }),
    responder.ask('rotate', { ...rotations, firstAfterMs: ROTATE_EVERY_MS / 2 }),
  ]);
  return { ...latency, rotations: latency.rotations + ofResponder };
}

/** How many requests a second the stock transport comes to at most. */
export async function saturation({ stock }: Contestants, rounds: number, ms: number): Promise<number> {
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const load = { concurrency: 64, payloadBytes: PAYLOAD_BYTES, ms };
    rates.push((await measureRequests(stock, load)).requestsPerSecond);
  }
  return median(rates);
}

export function printLatencies(rows: readonly LatencyRow[]): void {
  for (const { requestsPerSecond, load, rotations, figures, timesStock, timesBare } of rows) {
    const rate = `${requestsPerSecond.toLocaleString('en')} requests/s, ${load * 100} % of what stock can do`;
    const title = `Latency at ${rate}; ms from the intended moment (rotating: ${rotations} rotations)`;
    printComparison(title, figures, { stock: timesStock, bare: timesBare }, [
      ['p50', 'p50', 3],
      ['p99', 'p99', 3],
      ['max', 'max', 3],
    ]);
  }
}
