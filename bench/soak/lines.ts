import { printColumns } from '../columns.js';
import { round } from '../stats.js';
import { heapSlope, sumOf } from './flatness.js';
import type { Outcome } from './run.js';
import type { Sample } from './sample.js';

const MB = 1e6;
const COLUMNS: readonly (readonly [
  heading: string,
  width: number,
  of: (sample: Sample) => string | number,
])[] = [
  ['time', 6, ({ atMs }) => clockTime(atMs)],
  ['after', 23, ({ after }) => after],
  ['rotations', 9, ({ rotations }) => rotations],
  ['faults', 6, ({ faults }) => faults],
  ['requests', 8, ({ requests }) => requests],
  ['failed in faults', 16, ({ failedInFaults }) => failedInFaults],
  ['heap MB', 7, ({ heapUsed }) => (heapUsed / MB).toFixed(2)],
  ['rss MB', 6, ({ rss }) => (rss / MB).toFixed(0)],
  ['objects', 7, ({ objects }) => objects],
  ['signals', 7, ({ abortSignals }) => abortSignals],
  ['fds', 4, ({ files }) => files ?? '–'],
  ['sockets', 7, ({ sockets }) => sockets],
  ['handles', 7, ({ handles }) => sumOf(handles)],
  ['conns', 5, ({ server }) => server.connections],
  ['subs', 4, ({ server }) => server.subscriptions],
];

export function heading(): string {
  return COLUMNS.map(([name, width]) => name.padEnd(width)).join('  ');
}

export function line(sample: Sample): string {
  return COLUMNS.map(([, width, of]) => String(of(sample)).padEnd(width)).join('  ');
}

/** What is told in the end. */
export function summary({ judged, verdicts }: Outcome) {
  const last = judged.at(-1);
  return {
    samplesJudged: judged.length,
    rotations: last?.rotations,
    rotationsFailedInFaults: last?.rotationsFailedInFaults,
    faults: last?.faults,
    requests: last?.requests,
    answered: last?.answered,
    failedInFaults: last?.failedInFaults,
    events: last?.events,
    heapMbPerHour: round((heapSlope(judged, ({ atMs }) => atMs) * 3_600_000) / MB, 2),
    heapBytesPerRotation: round(heapSlope(judged, ({ rotations }) => rotations)),
    figures: verdicts,
  };
}

export function printSummary(outcome: Outcome): void {
  const { figures, ...totals } = summary(outcome);
  console.log();
  printColumns(
    ['median of', 'first third', 'last third', 'allowed', 'flat'],
    figures.map(({ name, first, last, bound, flat }) => [
      name,
      shown(first),
      shown(last),
      bound,
      flat ? 'yes' : 'NO',
    ]),
  );
  console.log();
  printColumns(['in all', ''], Object.entries(totals));
}

export function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

function clockTime(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
