import { readFileSync } from 'node:fs';

import { printTable } from '../table.mjs';

/** How much of the output of a suite that failed is printed. */
const TAIL_LINES = 100;

/** Prints the end of the output of what failed, a table, and `N passed, N failed` last. Gives whether all passed. */
export function report(results) {
  for (const { name, result, log } of results) {
    if (result === 'passed' || !log) continue;
    console.log(`\n${name} ${result}. The end of ${log}:\n`);
    console.log(readFileSync(log, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n'));
  }
  console.log();
  printTable([
    ['suite', 'result', 'time'],
    ...results.map(({ name, result, ms }) => [name, result, duration(ms)]),
  ]);
  const passed = results.filter(({ result }) => result === 'passed').length;
  console.log(`\n${passed} passed, ${results.length - passed} failed`);
  return passed === results.length;
}

function duration(ms) {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}
