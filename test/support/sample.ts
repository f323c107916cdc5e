import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { eventually, freePort } from 'nestjs-nats-auth/testing';

/** The sample system in a process of its own, as `npm run demo` starts it. */
export interface Sample {
  readonly url: string;
  /** Everything that it has printed so far. */
  readonly printed: string;
  /** Presses Ctrl-C; resolves with the exit code once all that it printed is read. */
  interrupt(): Promise<number | null>;
}

/** A module that the process loads before the sample, and who hears what it sends. */
export interface Tap {
  readonly module: URL;
  readonly hear: (message: unknown) => void;
}

const MAIN = fileURLToPath(new URL('../../sample-app/dist/main.js', import.meta.url));

export async function startSample(tap?: Tap): Promise<Sample> {
  const child = spawn(process.execPath, [...(tap ? ['--import', tap.module.href] : []), MAIN], {
    env: { ...process.env, PORT: String(await freePort()) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  if (tap) child.on('message', tap.hear);
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const url = await eventually(
    () => {
      if (hasEnded(child)) throw new Error(`The sample ended: ${printed}`);
      return /page (\S+)/.exec(printed)?.[1];
    },
    { what: 'the sample to start', timeoutMs: 120_000 },
  ).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  return {
    url,
    get printed() {
      return printed;
    },
    async interrupt() {
      if (hasEnded(child)) return child.exitCode;
      const ended = once(child, 'close') as Promise<[number | null]>;
      child.kill('SIGINT');
      return (await ended)[0];
    },
  };
}

/** One that a signal ended has no exit code. */
function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
