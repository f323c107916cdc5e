// Runs a script of suites.mjs after what it needs: `node tools/run.mjs <name> [arguments of its last command]`.
import { runCommand } from './command.mjs';
import { prepare } from './prepare.mjs';
import { SUITES } from './suites.mjs';

const [name, ...args] = process.argv.slice(2);
if (!Object.hasOwn(SUITES, name)) {
  console.error(`No suite is named ${name}; there are ${Object.keys(SUITES).join(', ')}.`);
  process.exit(2);
}

const { builds, run } = SUITES[name];
await prepare(builds);
for (const [n, command] of run.entries()) {
  const exitCode = await runCommand(command, n === run.length - 1 ? args : []);
  if (exitCode !== 0) process.exit(exitCode);
}
