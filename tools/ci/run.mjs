// Runs every suite, or those that the arguments name, and closes with a table and the line `N passed, N failed`.
// A suite that fails keeps no other from running.
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

import { report } from './report.mjs';
import { notRun, runSuites } from './run-suites.mjs';
import { CI_SUITES, PREPARATION } from './suites.mjs';

/** How many suites run side by side: each keeps a core busy. */
const WIDTH = Math.min(2, availableParallelism());
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

const root = fileURLToPath(new URL('../..', import.meta.url));
const logs = `${root}.ci/logs`;
const suites = chosen(process.argv.slice(2));
const interrupted = new AbortController();
for (const [signal, exitCode] of Object.entries(EXIT_CODES)) {
  process.on(signal, () => {
    process.exitCode = exitCode;
    interrupted.abort();
  });
}

rmSync(logs, { recursive: true, force: true });
const how = { root, logs, signal: interrupted.signal, say: console.log, width: WIDTH };
const [prepared] = await runSuites([PREPARATION], how);
const results =
  prepared.result === 'passed'
    ? await runSuites(suites, { ...how, env: { PREPARED: '1' } })
    : suites.map(notRun);
if (!report([prepared, ...results])) process.exitCode ??= 1;

function chosen(names) {
  const unknown = names.filter((name) => !CI_SUITES.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    const known = CI_SUITES.map(({ name }) => name).join(', ');
    console.error(`No suite is named ${unknown.join(', ')}; there are ${known}.`);
    process.exit(2);
  }
  return names.length === 0 ? CI_SUITES : CI_SUITES.filter(({ name }) => names.includes(name));
}
