import type { Latency } from './peers/protocol.js';

/** One row of the result. */
interface Row {
  readonly mode: string;
  readonly [column: string]: string | number | Latency;
}

/** Prints the rows side by side: a line for each figure. */
export function printTable(rows: readonly Row[]): void {
  const text = (value: string | number | Latency | undefined) =>
    typeof value === 'object' ? `${value.p50} / ${value.p99} / ${value.max}` : String(value ?? '');
  const names: Record<string, string> = {
    inside: 'latency p50 / p99 / max during rotations, ms',
    outside: 'latency p50 / p99 / max between rotations, ms',
    latency: 'latency p50 / p99 / max, ms',
  };
  for (const column of Object.keys(rows[0] ?? {})) {
    const cells = rows.map((row) => text(row[column]).padEnd(26));
    console.log(`| ${(names[column] ?? column).padEnd(46)} | ${cells.join(' | ')} |`);
  }
}
