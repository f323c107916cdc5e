import type { Reporter, TestCase } from 'vitest/node';

import type { Row } from './row.js';

const WIDTHS = [74, 34, 14, 14, 14];

/** Prints what was compared as a table, group by group, and counts the verdicts. */
export default class TableReporter implements Reporter {
  readonly #groups = new Map<string, string[]>();
  readonly #verdicts = { same: 0, intended: 0, defects: 0 };

  onTestCaseResult(test: TestCase): void {
    const { parity } = test.meta();
    if (!parity) return;
    const failed = test.result().state === 'failed';
    const verdict = failed ? 'DEFECT' : parity.verdict;
    this.#verdicts[failed ? 'defects' : verdict === 'same' ? 'same' : 'intended']++;
    const name = test.parent.type === 'suite' ? test.parent.name : '';
    const group = this.#groups.get(name) ?? ['', line([name, ...Object.keys(parity.cells), 'verdict'])];
    group.push(line([test.name, ...values(parity), verdict]));
    this.#groups.set(name, group);
  }

  onTestRunEnd(): void {
    console.log(`\nOne application on both transports; client→service. "=" is what the first column shows.`);
    for (const group of this.#groups.values()) console.log(group.join('\n'));
    const { same, intended, defects } = this.#verdicts;
    console.log(`\nparity: ${same} same, ${intended} different with a reason, ${defects} defects`);
  }
}

function values({ cells }: Row): string[] {
  const [reference = '', ...others] = Object.values(cells);
  return [reference, ...others.map((value) => (value === reference ? '=' : value))];
}

/** All but the last value are cut to their column. */
function line(columns: readonly string[]): string {
  const fit = (value: string, width: number | undefined) => {
    if (width === undefined) return value;
    return value.length > width ? `${value.slice(0, width - 1)}…` : value.padEnd(width);
  };
  return `| ${columns.map((value, n) => fit(value, WIDTHS[n])).join(' | ')} |`;
}
