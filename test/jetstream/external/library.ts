import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { UserInfo } from '../../../libs/credentials/index.js';

export interface LibraryOptions {
  readonly servers: string;
  /** Whether the connections are given to `NatsAuthService.follow()`. */
  readonly followed: boolean;
  /** Time between two orders, in ms. */
  readonly everyMs: number;
  /** Gives the credentials of the application. */
  readonly provide: () => Promise<UserInfo>;
}

type Message =
  | { readonly type: 'asked'; readonly id: number }
  | { readonly type: 'published'; readonly id: number; readonly duplicate: boolean }
  | { readonly type: 'handled'; readonly id: number }
  | { readonly type: 'status'; readonly of: number; readonly status: string }
  | { readonly type: 'published all' };

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** An application of NestJS 11 in a process of its own, whose JetStream transport opens its connections itself. */
export class LibraryApplication {
  readonly published: number[] = [];
  readonly handled: number[] = [];
  /** How often each of its connections told what: that of the server, and that of the client. */
  readonly connections: readonly Record<string, number>[] = [{}, {}];
  publishedAll = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly provide: LibraryOptions['provide'],
  ) {
    child.on('message', (message: Message) => void this.#heard(message));
  }

  static async start({ provide, ...options }: LibraryOptions): Promise<LibraryApplication> {
    const script = join(await (folder ??= install()), 'application.cjs');
    return new LibraryApplication(fork(script, [JSON.stringify(options)], { execArgv: [] }), provide);
  }

  /** It publishes no more orders. */
  stopPublishing(): void {
    this.child.send({ type: 'stop' });
  }

  /** Closes the application; resolves with its exit code once it has ended by itself. */
  async close(): Promise<number | null> {
    const exit = once(this.child, 'exit') as Promise<[number | null]>;
    this.child.send({ type: 'close' });
    return (await exit)[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  async #heard(message: Message): Promise<void> {
    if (message.type === 'published') this.published.push(message.id);
    if (message.type === 'handled') this.handled.push(message.id);
    if (message.type === 'status') {
      const told = this.connections[message.of] ?? {};
      told[message.status] = (told[message.status] ?? 0) + 1;
    }
    if (message.type === 'published all') this.publishedAll = true;
    if (message.type !== 'asked') return;
    const answer = await this.provide().then(
      (userInfo) => ({ userInfo }),
      (error: unknown) => ({ error: String(error) }),
    );
    if (this.child.connected) this.child.send({ type: 'answer', id: message.id, ...answer });
  }
}

let folder: Promise<string> | undefined;

/** The packages of the lockfile are installed once, the tarball of this package anew. */
async function install(): Promise<string> {
  const { cacheFolder } = (await import(join(root, 'tools/lanes/cache-folder.mjs'))) as {
    cacheFolder: (name: string) => string;
  };
  const { pack } = (await import(join(root, 'tools/pack.mjs'))) as {
    pack: () => { name: string; path: string };
  };
  const installed = cacheFolder('jetstream-nest-11');
  await cp(join(root, 'test/jetstream/external/nest-11'), installed, { recursive: true });
  const lockfile = await readFile(join(installed, 'package-lock.json'), 'utf8');
  const stamp = join(installed, 'node_modules/.installed-lockfile');
  if ((await readFile(stamp, 'utf8').catch(() => '')) !== lockfile) {
    await npm(installed, ['ci']);
    await writeFile(stamp, lockfile);
  }
  const tarball = pack();
  await rm(join(installed, 'node_modules', tarball.name), { recursive: true, force: true });
  await npm(installed, ['install', '--no-save', '--strict-peer-deps', tarball.path]);
  return installed;
}

async function npm(cwd: string, args: readonly string[]): Promise<void> {
  const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await promisify(execFile)('npm', [...args, ...options], { cwd });
}
