import type { Reporter, TestCase } from 'vitest/node';

/** Closes with one line that counts the tests; with `ROWS` in the environment it prints a row for each of them, and why it failed. */
export default class RowsReporter implements Reporter {
  #passed = 0;
  #failed = 0;
  #skipped = 0;

  onTestCaseResult(test: TestCase): void {
    const { state, errors = [] } = test.result();
    if (state === 'passed') this.#passed++;
    else if (state === 'failed') this.#failed++;
    else this.#skipped++;
    if (!process.env['ROWS']) return;
    const duration = `${Math.round(test.diagnostic()?.duration ?? 0)} ms`;
    const group = test.parent.type === 'suite' ? test.parent.fullName : '';
    console.log(
      `| ${state.padEnd(7)} | ${group.padEnd(46)} | ${test.name.padEnd(88)} | ${duration.padStart(8)} |`,
    );
    for (const { stack, message } of errors) console.log(stack ?? message);
  }

  onTestRunEnd(): void {
    console.log(`tests: ${this.#passed} passed, ${this.#failed} failed, ${this.#skipped} skipped`);
  }
}
