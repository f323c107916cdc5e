// Runs each build of the application. A bundle runs as in a small container: by itself in a folder that nobody can write to,
// as a user without rights, without PATH.
import { spawn } from 'node:child_process';
import { appendFileSync, chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { startNatsServer } from 'nestjs-nats-auth/testing';

const TIME_LIMIT_MS = 30_000;
const NOBODY = 65_534;
const EXPECTED = {
  application: 'placed a',
  library: 'placed b',
  closed: { name: 'ClosedError', code: 'CLOSED', known: true },
  metrics: true,
  other: [],
};

const CHECKS = [
  { check: 'ES module with a CommonJS library', file: 'main.js' },
  { check: 'SWC, CommonJS', file: 'swc.cjs' },
  { check: 'webpack with externals', file: 'webpack-externals/main.mjs' },
  { check: 'esbuild, ES module', file: 'esbuild-esm/main.mjs', alone: true },
  { check: 'esbuild, CommonJS', file: 'esbuild-cjs/main.cjs', alone: true },
  { check: 'esbuild, CommonJS alone', file: 'esbuild-cjs-only/main.cjs', alone: true },
  { check: 'webpack with everything inside', file: 'webpack/main.cjs', alone: true },
  { check: 'rspack with everything inside', file: 'rspack/main.cjs', alone: true },
];

const server = await startNatsServer({
  config: 'authorization { users: [ { user: svc, password: first } ] }\n',
});
try {
  for (const { check, file, alone } of CHECKS) {
    const began = Date.now();
    const output = await (alone ? runAlone : run)(new URL(`dist/${file}`, import.meta.url).pathname);
    const ok = isDeepStrictEqual(parsed(output), EXPECTED);
    report(check, ok, Date.now() - began);
    if (!ok) {
      console.error(`${check}:\n${output}`);
      process.exitCode = 1;
    }
  }
} finally {
  await server.stop();
}

async function runAlone(file) {
  const folder = mkdtempSync(`${tmpdir()}/bundle-`);
  try {
    cpSync(dirname(file), folder, { recursive: true });
    chmodSync(folder, 0o555);
    const nobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    return await run(join(folder, basename(file)), { cwd: folder, ...nobody });
  } finally {
    chmodSync(folder, 0o755);
    rmSync(folder, { recursive: true });
  }
}

/** What it printed; it must end by itself. */
function run(file, options = {}) {
  const env = { NATS_SERVERS: server.url };
  const child = spawn(process.execPath, ['--no-warnings', file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
    ...options,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const limit = setTimeout(() => child.kill('SIGKILL'), TIME_LIMIT_MS);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      resolve(code === 0 ? output : `${output}\nended with ${code ?? signal}`);
    });
  });
}

function parsed(output) {
  try {
    return JSON.parse(output);
  } catch {
    return undefined;
  }
}

function report(check, ok, ms) {
  const file = process.env.LANE_REPORT;
  if (file) appendFileSync(file, `${JSON.stringify({ check, result: ok ? 'ok' : 'failed', ms })}\n`);
}
