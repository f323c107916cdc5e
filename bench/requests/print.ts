import { printColumns } from '../columns.js';
import { round } from '../stats.js';
import type { BySystem } from './comparison.js';

/** A column of the table: which figure, under which heading, with how many digits behind the point. */
export type Column<Name extends string> = readonly [figure: Name, heading: string, digits: number];

/** Prints a line for each system: its figures, and how many times those of the others they are. */
export function printComparison<System extends string, Name extends string>(
  title: string,
  figures: BySystem<System, Name>,
  times: Readonly<Record<string, BySystem<System, Name>>>,
  columns: readonly Column<Name>[],
): void {
  const others = `× ${Object.keys(times).join('/')}`;
  const heading = ['system', ...columns.flatMap(([, heading]) => [heading, others])];
  const rows = (Object.keys(figures) as System[]).map((system) => [
    system,
    ...columns.flatMap(([figure, , digits]) => {
      const ratios = Object.values(times).map((of) => of[system][figure]?.toFixed(2) ?? '–');
      return [round(figures[system][figure] ?? NaN, digits), ratios.join(' / ')];
    }),
  ]);
  console.log(`\n${title}`);
  printColumns(heading, rows);
}
