import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { cacheFolder } from './cache-folder.mjs';

const templates = fileURLToPath(new URL('../../test/lanes/', import.meta.url));
const TIME_LIMIT_MS = 240_000;
const NPM_OPTIONS = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];

/** Process groups of commands that run: they do not hear the signal that ends this process. */
const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    for (const pid of running) process.kill(-pid, 'SIGTERM');
    process.kill(process.pid, signal);
  });
}

/**
 * Installs the tarball in the lane's application, compiles the application and runs the suite in it.
 * Returns a row of check, result and ms for each step and each check; the output of a step that failed is in `output`.
 */
export async function runLane({ name, extends: base }, tarball) {
  const folder = cacheFolder(`lane-${name}`);
  const rows = [];
  const step = async (check, run) => {
    const began = Date.now();
    const { ok, output } = await run();
    rows.push({ check, result: ok ? 'ok' : 'failed', ms: Date.now() - began, output: ok ? '' : output });
    return ok;
  };
  copyTemplate(folder, [base, name].filter(Boolean));
  const ready =
    (await step('install', () => install(folder, tarball))) &&
    (await step('types', () => command(folder, 'npm', ['run', 'build'])));
  if (ready) rows.push(...(await runSuite(folder)));
  return rows;
}

/** Installs the tarball in the lane's application and gives the folder of that. */
export async function installLane({ name, extends: base }, tarball) {
  const folder = cacheFolder(`lane-${name}`);
  copyTemplate(folder, [base, name].filter(Boolean));
  const { ok, output } = await install(folder, tarball);
  if (!ok) throw new Error(output);
  return folder;
}

function copyTemplate(folder, layers) {
  for (const stale of ['suite', 'dist']) rmSync(join(folder, stale), { recursive: true, force: true });
  for (const layer of layers) cpSync(join(templates, layer), folder, { recursive: true });
  cpSync(join(templates, 'suite'), join(folder, 'suite'), { recursive: true });
}

/**
 * Installs the packages of the folder's lockfile, and the tarball. Others stay installed while the lockfile is the same; ours is
 * always replaced.
 */
export async function install(folder, tarball) {
  const stamp = join(folder, 'node_modules', '.installed-lockfile');
  const lockfile = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lockfile) {
    const installed = await command(folder, 'npm', ['ci', ...NPM_OPTIONS]);
    if (!installed.ok) return installed;
    writeFileSync(stamp, lockfile);
  }
  rmSync(join(folder, 'node_modules', tarball.name), { recursive: true, force: true });
  // Strict, so that a peer range that leaves out this lane's versions is an error.
  return command(folder, 'npm', ['install', '--no-save', '--strict-peer-deps', ...NPM_OPTIONS, tarball.path]);
}

async function runSuite(folder) {
  const report = join(folder, 'report.jsonl');
  writeFileSync(report, '');
  const { ok, output } = await command(folder, 'npm', ['test'], { LANE_REPORT: report });
  const rows = readFileSync(report, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => ({ output: '', ...JSON.parse(line) }));
  // The runner ends by itself and is content: nothing keeps the process alive, nothing was left undone.
  return [...rows, { check: 'runner ends', result: ok ? 'ok' : 'failed', ms: 0, output: ok ? '' : output }];
}

/** Runs a command with this process's Node.js; ends it when it hangs. `output` is what it has written, to stdout and to stderr. */
export function command(cwd, program, args, environment = {}, timeLimitMs = TIME_LIMIT_MS) {
  const path = [dirname(process.execPath), process.env.PATH].join(delimiter);
  const options = {
    cwd,
    env: { ...process.env, CI: '1', NO_COLOR: '1', ...environment, PATH: path },
    detached: true,
  };
  return new Promise((resolve) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child.pid);
    let output = `$ ${program} ${args.join(' ')}\n`;
    let stdout = '';
    const limit = setTimeout(() => {
      output += `\nEnded after ${timeLimitMs} ms.\n`;
      process.kill(-child.pid, 'SIGKILL');
    }, timeLimitMs);
    child.stdout.on('data', (text) => (stdout += text));
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    child.on('close', (code) => {
      clearTimeout(limit);
      running.delete(child.pid);
      resolve({ ok: code === 0, output, stdout });
    });
  });
}
