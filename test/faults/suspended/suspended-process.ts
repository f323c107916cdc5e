import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import type { RefreshReason, UserInfo } from 'nestjs-nats-auth';
import { onTestFinished } from 'vitest';

import type { Ask, Word } from './service.js';

const MODULE = fileURLToPath(new URL('process.mjs', import.meta.url));

/** The service in a process of its own; it is asked for user info as a provider is. It ends with the test. */
export class SuspendedProcess {
  /** Everything that it has printed so far. */
  printed = '';
  readonly #child: ChildProcess;

  constructor(url: string, getUserInfo: (reason: RefreshReason) => Promise<UserInfo>) {
    this.#child = fork(MODULE, [url], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.printed += chunk.toString()));
    this.#child.on('message', ({ id, reason }: Ask) => {
      void getUserInfo(reason).then((userInfo) => this.#tell({ id, userInfo }));
    });
    onTestFinished(() => void this.#child.kill('SIGKILL'));
  }

  /** As the machine does with it that is suspended: it does nothing, and hears of nothing. */
  suspend(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** Has it close, and resolves with its exit code once all that it printed is read. */
  async close(): Promise<number | null> {
    const ended = once(this.#child, 'close') as Promise<[number | null]>;
    this.#tell('close');
    return (await ended)[0];
  }

  #tell(word: Word): void {
    this.#child.send(word);
  }
}
