import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import type { TransportOptions } from './transports.js';

/** Calls of a client, each with its outcome as a line. */
export interface Caller {
  send(pattern: unknown, data: unknown, tenant?: string): Promise<string>;
  emit(pattern: unknown, data: unknown, tenant?: string): Promise<string>;
}

const template = fileURLToPath(new URL('../nest-11/', import.meta.url));
const folder = fileURLToPath(new URL('../../../.cache/parity-nest11/', import.meta.url));

/** A NestJS 11 process that is a stock client, or a stock service, for each nats-server that it is told of. */
export class Nest11Peer {
  readonly #pending = new Map<
    number,
    { resolve: (result: string) => void; reject: (error: Error) => void }
  >();
  #id = 0;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', ({ id, result = '', error }: { id: number; result?: string; error?: string }) => {
      const call = this.#pending.get(id);
      if (error === undefined) call?.resolve(result);
      else call?.reject(new Error(error));
    });
    child.once('exit', () => {
      for (const { reject } of this.#pending.values()) reject(new Error('The NestJS 11 process ended.'));
    });
  }

  /** Starts it; the first time its packages are installed into a cache folder. */
  static async start(): Promise<Nest11Peer> {
    await install();
    return new Nest11Peer(fork(`${folder}peer.cjs`, { cwd: folder, execArgv: [] }));
  }

  async startService(options: TransportOptions): Promise<void> {
    await this.#call('startService', options);
  }

  async startClient(options: TransportOptions & { servers: string }): Promise<Caller> {
    await this.#call('startClient', options);
    const call = (command: string) => (pattern: unknown, data: unknown, tenant?: string) =>
      this.#call(command, options.servers, pattern, data, tenant);
    return { send: call('send'), emit: call('emit') };
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }

  #call(command: string, ...args: unknown[]): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#pending.set(++this.#id, { resolve, reject });
      this.child.send({ id: this.#id, command, args });
    });
  }
}

async function install(): Promise<void> {
  await cp(template, folder, { recursive: true });
  const lockfile = await readFile(`${folder}package-lock.json`, 'utf8');
  const stamp = `${folder}node_modules/.installed-lockfile`;
  if ((await readFile(stamp, 'utf8').catch(() => '')) === lockfile) return;
  const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await promisify(execFile)('npm', ['ci', ...options], { cwd: folder });
  await writeFile(stamp, lockfile);
}
