// Runs the bench that the argument names in its quick form: its exit code must be 0, and its JSON of the known shape. No
// figure is judged here; a bench judges the losses of a handover itself.
import { spawnSync } from 'node:child_process';

import { BENCH_SHAPES, shapeProblems } from './bench-shapes.mjs';

const [name] = process.argv.slice(2);
if (!Object.hasOwn(BENCH_SHAPES, name)) {
  console.error(`No bench is named ${name}; there are ${Object.keys(BENCH_SHAPES).join(', ')}.`);
  process.exit(2);
}

const args = ['tools/run.mjs', `bench:${name}`, '--quick', '--json'];
const { status, stdout } = spawnSync(process.execPath, args, {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
console.log(stdout.trimEnd());
const problems = status === 0 ? problemsOf(stdout) : [`bench:${name} ended with ${status}.`];
for (const problem of problems) console.error(`problem: ${problem}`);
if (problems.length > 0) process.exit(1);
console.log(`bench:${name} ends well, and its JSON has the known shape.`);

function problemsOf(output) {
  try {
    return shapeProblems(JSON.parse(output), BENCH_SHAPES[name]);
  } catch (error) {
    return [`What it printed is no JSON: ${error.message}`];
  }
}
