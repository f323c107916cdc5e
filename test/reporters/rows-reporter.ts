import type { Reporter, SerializedError, TestCase, TestModule } from 'vitest/node';

/**
 * Closes with one line that counts the tests. With `ROWS` in the environment it prints a row for each of them, and before that
 * line what failed, and why: it must be in the end of a long log.
 */
export default class RowsReporter implements Reporter {
  #passed = 0;
  #failed = 0;
  #skipped = 0;
  readonly #failures: string[] = [];

  onTestCaseResult(test: TestCase): void {
    const { state, errors = [] } = test.result();
    if (state === 'passed') this.#passed++;
    else if (state === 'failed') this.#failed++;
    else this.#skipped++;
    if (!process.env['ROWS']) return;
    const row = rowOf(test, state);
    console.log(row);
    if (state !== 'failed') return;
    console.log(reasons(errors));
    this.#keep(row, errors);
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    if (process.env['ROWS']) {
      for (const module of modules) {
        this.#keep(module.relativeModuleId, module.errors());
        for (const suite of module.children.allSuites()) this.#keep(suite.fullName, suite.errors());
      }
      this.#keep('outside of every test', unhandled);
      for (const failure of this.#failures) console.log(failure);
    }
    console.log(`tests: ${this.#passed} passed, ${this.#failed} failed, ${this.#skipped} skipped`);
  }

  #keep(what: string, errors: readonly Failure[]): void {
    if (errors.length > 0) this.#failures.push(`${what}\n${reasons(errors)}`);
  }
}

/** What `diff` says is not in the message. */
type Failure = Pick<SerializedError, 'message' | 'stack'> & { readonly diff?: string };

function reasons(errors: readonly Failure[]): string {
  return errors.flatMap(({ stack, message, diff = [] }) => [stack ?? message, diff].flat()).join('\n');
}

function rowOf(test: TestCase, state: string): string {
  const duration = `${Math.round(test.diagnostic()?.duration ?? 0)} ms`;
  const group = test.parent.type === 'suite' ? test.parent.fullName : '';
  return `| ${state.padEnd(7)} | ${group.padEnd(46)} | ${test.name.padEnd(88)} | ${duration.padStart(8)} |`;
}
