import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Reporter, TestModule, Vitest } from 'vitest/node';

import { differences, type Played, writeObserved } from './observed.js';

const FOLDER = fileURLToPath(new URL('..', import.meta.url));
const WRITE_TABLE = fileURLToPath(new URL('../../../tools/docs/faults.mjs', import.meta.url));
const REMEDY = 'npm run test:faults -- --update';

/**
 * After a run of the whole suite, holds the table of faults in docs/operations.md against what the cases have shown. With `--update`
 * it writes the table.
 */
export default class FaultTableReporter implements Reporter {
  #update = false;

  onInit(vitest: Vitest): void {
    this.#update = vitest.config.snapshotOptions.updateSnapshot === 'all';
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    // A part of the suite shows a part of the table: each case has held itself against its row.
    const whole = specs().every((spec) => modules.some(({ moduleId }) => moduleId.endsWith(spec)));
    if (!whole || tests.some((test) => test.result().state !== 'passed')) return;
    const played = tests.flatMap((test): Played[] => {
      const { fault } = test.meta();
      return fault ? [{ name: test.fullName, seen: fault }] : [];
    });
    if (this.#update) {
      writeObserved(played);
      execFileSync(process.execPath, [WRITE_TABLE], { stdio: 'inherit' });
      return;
    }
    const found = differences(played);
    if (found.length === 0) return;
    console.error(`The table of faults is not what the suite has seen: ${REMEDY}\n  ${found.join('\n  ')}`);
    process.exitCode = 1;
  }
}

function specs(): string[] {
  return readdirSync(FOLDER).filter((name) => name.endsWith('.spec.ts'));
}
