import { printColumns } from '../columns.js';
import type { Run } from './runs.js';
import { type Amounts, COUNTS, type Counts } from './workload/counts.js';

/** What came of a run. */
export type Result = Counts &
  Amounts & {
    readonly run: string;
    readonly system: 'ours' | 'plain';
    readonly driver: string;
    readonly server: string;
    readonly rotations: number;
    readonly failedRotations: number;
    readonly msLongestRotation: number;
    /** How often the server ended the connection. */
    readonly kicks: number;
    readonly upgradedServers: number;
  };

/** A busy machine delays messages, too; an ordered consumer that waits for its watchdog is silent for 7 s and more. */
const SILENT_MS = 6_000;

/** A line for each count that should be 0 and is not. */
export function unreached(run: Run, result: Result): string[] {
  const where = `${result.run}, ${result.system}, ${result.driver}, nats-server ${result.server}`;
  const problems = run.zeros
    .filter((count) => result[count] > 0)
    .map((count) => `${where}: ${count} is ${result[count]}`);
  if (run.zeros === COUNTS && result.msOrderedResumed > SILENT_MS)
    problems.push(`${where}: the ordered consumer was silent for ${result.msOrderedResumed} ms`);
  if (result.failedRotations > 0) problems.push(`${where}: ${result.failedRotations} rotations failed`);
  return problems;
}

const AMOUNTS = [
  'publishes',
  'deliveries',
  'updates',
  'requests',
  'messages',
  'puts',
  'msOrderedResumed',
  'msLongestRotation',
] as const;

/** Prints the results of a run side by side. */
export function printResults(results: readonly Result[]): void {
  const [first] = results;
  if (!first) return;
  console.log(`\n${first.run}; ${first.driver}, nats-server ${first.server}\n`);
  printColumns(
    ['', ...results.map(({ system }) => system)],
    ['rotations' as const, ...COUNTS, ...AMOUNTS].map((row) => [
      row,
      ...results.map((result) => result[row]),
    ]),
  );
  for (const { system, errors } of results)
    for (const [line, times] of Object.entries(errors)) console.log(`${system}: ${times} × ${line}`);
}
