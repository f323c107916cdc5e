import { readFileSync, writeFileSync } from 'node:fs';

import type { Observation, Row } from './row.js';
import { type RowName, ROWS } from './rows.js';

/** What the suite has seen of a row when the table was written. */
export interface ObservedRow {
  /** The cases that play it, with the groups that they are in. */
  readonly cases: readonly string[];
  /** For each of the row's words that lead to the cause, the line that has them. */
  readonly lines: readonly string[];
  /** The words of health for each of the row's conditions. */
  readonly reasons: readonly string[];
}

/** One case of the suite, and what it has shown. */
export interface Played {
  readonly name: string;
  readonly seen: Observation;
}

const FILE = new URL('observed.json', import.meta.url);

export const rowNames = Object.keys(ROWS) as RowName[];

export function readObserved(): Partial<Record<string, ObservedRow>> {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Partial<Record<string, ObservedRow>>;
}

export function writeObserved(played: readonly Played[]): void {
  const rows = rowNames.map((row) => [row, observe(row, played)] as const);
  writeFileSync(FILE, `${JSON.stringify(Object.fromEntries(rows), undefined, 2)}\n`);
}

/**
 * What is written that this run has not seen, or the other way round. Which of several lines leads to a cause depends on
 * timing: one that is written must have come in one of the cases of its row, not in each.
 */
export function differences(played: readonly Played[]): string[] {
  const written = readObserved();
  return rowNames.flatMap((row) => {
    const [now, then] = [observe(row, played), written[row]];
    if (!then) return [`${row}: not in the table`];
    const [lines, reasons] = [candidates(row, played), reasonsOf(row, played)];
    return [
      ...now.cases
        .filter((name) => !then.cases.includes(name))
        .map((name) => `${row}: no word of the case '${name}'`),
      ...then.cases.filter((name) => !now.cases.includes(name)).map((name) => `${row}: no case '${name}'`),
      ...(then.lines.length === lines.length ? [] : [`${row}: another number of lines`]),
      ...(then.reasons.length === reasons.length ? [] : [`${row}: another number of reasons`]),
      ...then.lines
        .filter((line, n) => lines[n]?.has(line) === false)
        .map((line) => `${row}: nobody logged '${line}'`),
      ...then.reasons
        .filter((reason, n) => reasons[n]?.has(reason) === false)
        .map((reason) => `${row}: health did not say '${reason}'`),
    ];
  });
}

function observe(row: RowName, played: readonly Played[]): ObservedRow {
  const cases = of(row, played).map(({ name }) => name);
  return {
    cases: cases.sort(),
    lines: candidates(row, played).map(mostFrequent),
    reasons: reasonsOf(row, played).map(mostFrequent),
  };
}

function of(row: RowName, played: readonly Played[]): Played[] {
  return played.filter(({ seen }) => seen.row === row);
}

/** For each of the row's words, the lines that have them, and in how many cases they came. */
function candidates(row: RowName, played: readonly Played[]): Map<string, number>[] {
  const { tells }: Row = ROWS[row];
  return tells.map((words) =>
    counted(of(row, played).flatMap(({ seen }) => seen.lines.filter((line) => words.test(line)))),
  );
}

function reasonsOf(row: RowName, played: readonly Played[]): Map<string, number>[] {
  const { health }: Row = ROWS[row];
  return health.map((condition) =>
    counted(
      of(row, played).flatMap(({ seen }) =>
        seen.problems
          .filter((problem) => problem.startsWith(`${condition}: `))
          .map((problem) => problem.slice(condition.length + 2)),
      ),
    ),
  );
}

function counted(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

function mostFrequent(counts: ReadonlyMap<string, number>): string {
  const [first] = [...counts].sort(
    ([one, often], [other, otherOften]) => otherOften - often || compare(one, other),
  );
  return first?.[0] ?? '';
}

function compare(one: string, other: string): number {
  return one < other ? -1 : 1;
}
