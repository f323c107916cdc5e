import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { eventually, freePort } from 'nestjs-nats-auth/testing';

/** The sample system in a process of its own, as `npm run demo` starts it. */
export interface Sample {
  readonly url: string;
  /** Everything that it has printed so far. */
  readonly lines: readonly string[];
  /** Presses Ctrl-C; resolves with the exit code. */
  interrupt(): Promise<number | null>;
}

export async function startSample(): Promise<Sample> {
  const main = fileURLToPath(new URL('../../sample-app/dist/main.js', import.meta.url));
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, PORT: String(await freePort()) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const url = await eventually(
    () => {
      if (child.exitCode !== null) return `ended: ${lines.join('\n')}`;
      return lines.map((line) => /page (\S+)/.exec(line)?.[1]).find(Boolean);
    },
    { what: 'the sample to start', timeoutMs: 120_000 },
  );
  return { url, lines, interrupt: () => interrupt(child) };
}

async function interrupt(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  const ended = once(child, 'exit') as Promise<[number | null]>;
  child.kill('SIGINT');
  return (await ended)[0];
}
