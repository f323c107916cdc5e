// Packs once, and runs the examples on both majors of NestJS, all or those that the arguments name: `npm start` must end by itself,
// with success, and print what the README quotes.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { cacheFolder } from '../lanes/cache-folder.mjs';
import { command, install } from '../lanes/lane.mjs';
import { pack } from '../pack.mjs';
import { printTable } from '../table.mjs';
import { EXAMPLES, pathOf } from './examples.mjs';
import { difference } from './expected-output.mjs';

const MAJORS = { 'NestJS 11': 'nest-11', 'NestJS 12': 'nest-12' };
const TIME_LIMIT_MS = 60_000;
/** How many run side by side: they wait most of the time. */
const WIDTH = 2;

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !EXAMPLES.some((example) => example.startsWith(name)));
if (unknown.length > 0) {
  console.error(`No example is named ${unknown.join(', ')}; there are ${EXAMPLES.join(', ')}.`);
  process.exit(2);
}
const examples = EXAMPLES.filter(
  (example) => chosen.length === 0 || chosen.some((name) => example.startsWith(name)),
);

const began = Date.now();
const tarball = pack();
const rows = [];
for (const [major, template] of Object.entries(MAJORS)) {
  console.log(`${major} …`);
  for (const row of await runOn(template)) rows.push({ major, ...row });
}
for (const { major, what, problem } of rows.filter((row) => row.problem))
  console.error(`\n${major}, ${what}: ${problem}`);
printTable([
  ['NestJS', 'example', 'result', 'ms'],
  ...rows.map(({ major, what, problem, ms }) => [major, what, problem ? 'failed' : 'ok', ms]),
]);
const passed = rows.filter(({ problem }) => !problem).length;
const seconds = Math.round((Date.now() - began) / 1000);
console.log(`\nNode.js ${process.versions.node}: ${passed} of ${rows.length} passed in ${seconds} s`);
process.exitCode = passed === rows.length ? 0 : 1;

/** Rows of what was done, how long it took in ms, and the problem if there was one. */
async function runOn(template) {
  const folder = cacheFolder(`examples-${template}`);
  copyTo(folder, template);
  const prepared = [await timed('install', () => ended(install(folder, tarball)))];
  if (!prepared[0].problem) prepared.push(await timed('types', () => compile(folder)));
  if (prepared.some(({ problem }) => problem)) return prepared;
  const waiting = [...examples];
  const run = async () => {
    const done = [];
    for (let example = waiting.shift(); example; example = waiting.shift()) {
      const name = example;
      done.push(await timed(name, () => start(join(folder, name), pathOf(name, 'README.md'))));
    }
    return done;
  };
  const done = (await Promise.all(Array.from({ length: WIDTH }, run))).flat();
  return [...prepared, ...done.sort((a, b) => a.what.localeCompare(b.what))];
}

/** The packages are those of the template, in a folder above the examples. */
function copyTo(folder, template) {
  for (const name of readdirSync(folder))
    if (/^\d\d-/.test(name)) rmSync(join(folder, name), { recursive: true });
  cpSync(fileURLToPath(new URL(`../../test/examples/${template}`, import.meta.url)), folder, {
    recursive: true,
  });
  const { type } = readJson(join(folder, 'package.json'));
  for (const example of examples) {
    cpSync(pathOf(example), join(folder, example), {
      recursive: true,
      filter: (path) => !/[\\/](node_modules|dist)$/.test(path),
    });
    // NestJS 11 makes CommonJS projects.
    const manifest = join(folder, example, 'package.json');
    writeFileSync(manifest, JSON.stringify({ ...readJson(manifest), type }));
  }
}

/** In one process, which reads the types of the packages once. */
function compile(folder) {
  return ended(command(folder, 'npx', ['--no-install', 'tsc', '-b', '--force', ...examples]));
}

async function start(cwd, readme) {
  // Compiled it is already.
  const args = ['start', '--silent', '--ignore-scripts'];
  const { ok, output, stdout } = await command(cwd, 'npm', args, {}, TIME_LIMIT_MS);
  const problem = ok ? difference(readFileSync(readme, 'utf8'), stdout) : 'it failed';
  return problem && `${problem}\n${output}`;
}

async function ended(running) {
  const { ok, output } = await running;
  return ok ? undefined : output;
}

async function timed(what, run) {
  const from = Date.now();
  const problem = await run();
  return { what, problem, ms: Date.now() - from };
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
