import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { eventually, freePort } from 'nestjs-nats-auth/testing';

import type { Secrets } from '../harness/secrets.js';

const MAIN = fileURLToPath(new URL('../../../sample-app/dist/main.js', import.meta.url));
const TAP = new URL('tap.mjs', import.meta.url).href;

/** The sample system in a process of its own, whose secrets are known. */
export class Sample {
  /** Everything that it has printed. */
  printed = '';
  /** How many secrets it has made or fetched. */
  secretsMade = 0;
  url = '';
  readonly #child: ChildProcess;

  private constructor(port: number, secrets: Secrets) {
    this.#child = spawn(process.execPath, ['--import', TAP, MAIN], {
      env: { ...process.env, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.printed += chunk.toString()));
    this.#child.on('message', ({ what, secret }: { what: string; secret: string }) => {
      this.secretsMade++;
      secrets.keep(what, secret);
    });
  }

  static async start(secrets: Secrets): Promise<Sample> {
    const sample = new Sample(await freePort(), secrets);
    sample.url = await eventually(
      () => {
        if (sample.#child.exitCode !== null) throw new Error(`It ended: ${sample.printed}`);
        return /page (\S+)/.exec(sample.printed)?.[1];
      },
      { what: 'the sample to start', timeoutMs: 60_000 },
    );
    return sample;
  }

  /** Presses Ctrl-C, and waits for the end. */
  async interrupt(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGINT');
    await ended;
  }
}
