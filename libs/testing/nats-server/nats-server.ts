import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { eventually } from '../eventually.js';
import { freePort, withFreePorts } from '../free-port.js';
import { endWithParent } from './end-with-parent.js';
import { findNatsServer, type NatsServerBinary } from './find-nats-server.js';
import type { NatsServerRelease } from './releases.js';

/** How to start a server. */
export interface NatsServerOptions {
  /** A piece of nats-server configuration, without `listen` and `http`. Default: empty, anybody may connect. */
  readonly config?: string;
  /**
   * Turns JetStream on; its store is in the server's folder, which `stop()` removes. It stays over `reload()` and restarts. Default: false.
   */
  readonly jetstream?: boolean;
  /** Default: `default`, 2.10 or newer. */
  readonly release?: NatsServerRelease;
  /** The client port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
}

/** What the monitoring endpoint tells about one client connection. */
export interface ServerConnection {
  /** The id that the server gave the connection. */
  readonly cid: number;
  /** The name that the client gave it. */
  readonly name?: string;
  /** The subjects that it is subscribed to. */
  readonly subscriptions_list?: readonly string[];
  /** Whom the server took it for. */
  readonly authorized_user?: string;
}

/**
 * Starts a real `nats-server` on 127.0.0.1 in a folder of its own. It ends with `stop()`, or with this process.
 * @throws {@link NatsServerNotFoundError} when there is none to start.
 * @throws {Error} with the server's log when it does not come up.
 */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const binary = await findNatsServer(options.release);
  return options.port === undefined ? withFreePorts(() => start(binary, options)) : start(binary, options);
}

async function start(binary: NatsServerBinary, options: NatsServerOptions): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), 'nats-server-'));
  const port = options.port ?? (await freePort());
  const server = new NatsServer(binary, folder, port, await freePort(), options.jetstream);
  try {
    await server.start(options.config ?? '');
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** A running `nats-server`. Made by `startNatsServer()`. */
export class NatsServer {
  /** The version of the server, such as `2.10.27`. */
  readonly version: string;
  #process?: ChildProcess;
  #isStopped = false;
  /** The configuration last in force. */
  #config = '';

  /** @internal */
  constructor(
    private readonly binary: NatsServerBinary,
    private readonly folder: string,
    /** The port that clients connect to, on 127.0.0.1. */
    readonly port: number,
    private readonly monitorPort: number,
    private readonly jetstream = false,
  ) {
    this.version = binary.version;
  }

  /** The address for clients. */
  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** The server's HTTP monitoring endpoint. */
  get monitorUrl(): string {
    return `http://127.0.0.1:${this.monitorPort}`;
  }

  /** @internal Use `startNatsServer()`. */
  async start(config: string): Promise<void> {
    this.#config = config;
    await this.restart();
  }

  /** @internal It will not start again. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /**
   * Starts it again, with the same ports and the configuration last in force; ends it first if it runs.
   * @throws {Error} it was stopped.
   */
  async restart(): Promise<void> {
    await this.#end('SIGTERM');
    if (this.#isStopped) throw new Error('This nats-server was stopped: start another one.');
    await this.#writeConfig(this.#config);
    // Errors of the configuration go to stderr, before the server opens its log.
    const log = await open(this.#file('log'), 'a');
    const child = spawn(this.binary.path, ['-c', this.#file('nats.conf'), '-l', this.#file('log')], {
      stdio: ['ignore', log.fd, log.fd],
    });
    await log.close();
    this.#process = child;
    endWithParent(child, this.folder);
    await eventually(
      async () => {
        if (child.exitCode !== null || child.signalCode !== null) return 'ended';
        // One of a cluster has no JetStream before the others are there.
        return (await fetch(`${this.monitorUrl}/healthz?js-enabled-only=true`)).ok && 'up';
      },
      { what: 'nats-server to come up', timeoutMs: 30_000 },
    ).then(async (state) => {
      if (state === 'ended') throw new Error(`nats-server did not come up:\n${await this.log()}`);
    });
  }

  /**
   * Changes the configuration of the running server.
   * @throws {Error} with the server's words when it refuses the configuration.
   */
  async reload(config: string): Promise<void> {
    const before = (await this.log()).length;
    await this.#writeConfig(config);
    this.signal('SIGHUP');
    const said = await eventually(
      async () =>
        /Reloaded server configuration|Failed to reload.*|\[ERR\].*reload.*/.exec(
          (await this.log()).slice(before),
        )?.[0],
      { what: 'nats-server to reload' },
    );
    if (!said.startsWith('Reloaded')) throw new Error(`nats-server refused the configuration: ${said}`);
    this.#config = config;
  }

  /** Sends a signal to the process. */
  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Asks it to let go of its clients one after another and to end: lame-duck mode. */
  lameDuck(): void {
    this.signal('SIGUSR2');
  }

  /** Waits until it has ended by itself, as after lame-duck mode: up to half a minute and more, unless its clients leave. */
  async ended(): Promise<void> {
    const child = this.#process;
    if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }

  /** Ends it at once, as a crash would; `restart()` brings it back. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends it and removes its folder. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#end('SIGTERM');
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Its client connections, with subscriptions and user. */
  async connections(): Promise<ServerConnection[]> {
    const response = await fetch(`${this.monitorUrl}/connz?auth=1&subs=1&limit=4096`);
    return ((await response.json()) as { connections: ServerConnection[] }).connections;
  }

  /** What it has logged so far. */
  log(): Promise<string> {
    return readFile(this.#file('log'), 'utf8').catch(() => '');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    // A stopped (SIGSTOP) or hanging server does not hear SIGTERM.
    const impatience = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(impatience);
  }

  #writeConfig(config: string): Promise<void> {
    const listen = `listen: 127.0.0.1:${this.port}\nhttp: 127.0.0.1:${this.monitorPort}\n`;
    const jetstream = this.jetstream
      ? `jetstream { store_dir: ${JSON.stringify(this.#file('jetstream'))} }\n`
      : '';
    return writeFile(this.#file('nats.conf'), listen + jetstream + config);
  }

  #file(name: string): string {
    return join(this.folder, name);
  }
}
