import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** What no suite takes: it hangs. */
const TIME_LIMIT_MS = 30 * 60_000;
/** What an ended suite has to stop its servers and to remove its folders. */
const GRACE_MS = 5_000;

/**
 * Runs a suite in a process group of its own, with its output in a file of the folder `logs`. Gives its name, its result
 * (`passed`, `failed`, `timed out` or `interrupted`), the ms that it took, and the path of its log. Nothing of it is left.
 * @param signal ends it when it aborts.
 */
export async function runSuite({ name, command, timeLimitMs = TIME_LIMIT_MS }, { root, logs, env, signal }) {
  mkdirSync(logs, { recursive: true });
  const log = join(logs, `${name.replaceAll(/\W+/g, '-')}.log`);
  const output = openSync(log, 'w');
  const began = Date.now();
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', output, output],
    detached: true,
  });
  closeSync(output);
  let ended;
  const end = (why) => {
    ended ??= why;
    signalGroup(child, 'SIGTERM');
    setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE_MS).unref();
  };
  const interrupt = () => end('interrupted');
  const limit = setTimeout(end, timeLimitMs, 'timed out');
  signal.addEventListener('abort', interrupt);
  if (signal.aborted) interrupt();
  const isGood = await endsWell(child, log);
  clearTimeout(limit);
  signal.removeEventListener('abort', interrupt);
  await groupIsGone(child);
  return { name, result: ended ?? (isGood ? 'passed' : 'failed'), ms: Date.now() - began, log };
}

function endsWell(child, log) {
  return new Promise((resolve) => {
    child.on('error', (error) => {
      appendFileSync(log, `${error.message}\n`);
      resolve(false);
    });
    child.on('exit', (code) => resolve(code === 0));
  });
}

/** Children of a suite may be a moment longer than the suite; what stays is ended. */
async function groupIsGone(child) {
  const deadline = Date.now() + GRACE_MS;
  while (signalGroup(child, 0)) {
    if (Date.now() > deadline) return void signalGroup(child, 'SIGKILL');
    await delay(50);
  }
}

/** Whether anybody was there to hear it. */
function signalGroup({ pid }, signal) {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
