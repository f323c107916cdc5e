import { compare, type Comparison, takeTurns } from '../comparison.js';
import type { Contestant } from '../contestant.js';
import { printComparison } from '../print.js';
import { SYSTEMS, type SystemName } from '../systems/system.js';
import type { ClosedLoop } from './closed-loop.js';

const FIGURES = ['requestsPerSecond', 'clientCpu', 'responderCpu', 'natsServerCpu'] as const;

/** So many requests of such a size; CPU times are in µs for each request. */
export interface RequestRow extends Comparison<SystemName, (typeof FIGURES)[number]> {
  readonly concurrency: number;
  readonly payloadBytes: number;
}

/** Requests of each system in a closed loop. */
export async function compareRequests(
  contestants: Record<SystemName, Contestant>,
  load: ClosedLoop,
  rounds: number,
): Promise<RequestRow> {
  const { concurrency, payloadBytes } = load;
  const measured = await takeTurns(SYSTEMS, rounds, (system) => measureRequests(contestants[system], load));
  return { concurrency, payloadBytes, ...compare(measured, FIGURES) };
}

/** Requests of one system in a closed loop. */
export async function measureRequests(contestant: Contestant, load: ClosedLoop) {
  const measured = await contestant.cpuOf(() => contestant.caller.ask('request', load));
  return { ...measured, requestsPerSecond: (measured.done * 1_000) / (measured.to - measured.from) };
}

export function printRequests(rows: readonly RequestRow[]): void {
  for (const { concurrency, payloadBytes, figures, timesStock, timesBare } of rows) {
    const payload = payloadBytes.toLocaleString('en');
    const title = `Requests: ${concurrency} under way, ${payload} B; CPU for each request, µs`;
    printComparison(title, figures, { stock: timesStock, bare: timesBare }, [
      ['requestsPerSecond', 'req/s', 0],
      ['clientCpu', 'client', 1],
      ['responderCpu', 'responder', 1],
      ['natsServerCpu', 'server', 1],
    ]);
  }
}
