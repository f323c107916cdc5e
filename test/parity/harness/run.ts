import type { INestMicroservice, ModuleMetadata } from '@nestjs/common';
import type { ClientNats } from '@nestjs/microservices';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { eventually, type NatsServer, startNatsServer } from 'nestjs-nats-auth/testing';

import {
  type Closable,
  createClient,
  createService,
  type Kind,
  type TransportOptions,
  users,
} from './transports.js';

/** Whose client talks to whose service. */
export interface Pair {
  readonly client: Kind;
  readonly service: Kind;
}

/** What the handlers of all services of a run write down, and what they wait for. */
export class Journal {
  readonly entries: string[] = [];
  #release = () => {};
  readonly #released = new Promise<void>((resolve) => (this.#release = resolve));

  note(entry: string): void {
    this.entries.push(entry);
  }

  /** Waits until the scenario calls `release()`. */
  async wait(entry: string): Promise<void> {
    this.note(entry);
    await this.#released;
  }

  release(): void {
    this.#release();
  }
}

/** What a run is made of. */
export interface RunSettings {
  /** The service's controllers and providers; no service is started without them. */
  readonly service?: ModuleMetadata;
  /** Options of the service's and of the client's transport. */
  readonly options?: TransportOptions;
  readonly serviceOptions?: TransportOptions;
  /** A function makes them anew for each run. */
  readonly clientOptions?: TransportOptions | (() => TransportOptions);
  /** The configuration of a nats-server of its own, which the scenario may also kill. Default: a shared one. */
  readonly config?: string;
}

/** One run of an application: its client and its service on the transports of a pair, and a nats-server for them. */
export class Run {
  readonly journal = new Journal();
  readonly #apps: Closable[] = [];
  #client?: ClientNats;
  #service?: INestMicroservice;

  private constructor(
    readonly pair: Pair,
    readonly server: NatsServer,
    private readonly settings: RunSettings,
  ) {}

  /** Starts everything, lets `observe` look, and ends everything. */
  static async observe<T>(pair: Pair, settings: RunSettings, observe: (run: Run) => Promise<T>): Promise<T> {
    const server = await (settings.config
      ? startNatsServer({ config: settings.config })
      : sharedServer(pair));
    const run = new Run(pair, server, settings);
    try {
      if (settings.service) run.#service = await run.startService();
      const { clientOptions } = settings;
      const own = typeof clientOptions === 'function' ? clientOptions() : clientOptions;
      const { app, client } = await createClient(pair.client, run.#options(own));
      run.#apps.push(app);
      run.#client = client;
      return await observe(run);
    } finally {
      run.journal.release();
      await Promise.all(run.#apps.map((app) => app.close()));
      if (settings.config) await server.stop();
      else
        await eventually(async () => (await server.connections()).length === 0, {
          what: 'the run to be over',
        });
    }
  }

  get client(): ClientNats {
    if (!this.#client) throw new Error('The run has no client yet.');
    return this.#client;
  }

  get service(): INestMicroservice {
    if (!this.#service) throw new Error('The scenario names no service.');
    return this.#service;
  }

  /** Starts an instance of the service, with other options if wanted; it ends with the run. */
  async startService(
    options: TransportOptions = {},
    { service = {}, serviceOptions }: RunSettings = this.settings,
  ): Promise<INestMicroservice> {
    const providers = [{ provide: Journal, useValue: this.journal }, ...(service.providers ?? [])];
    const app = await createService(this.pair.service, this.#options({ ...serviceOptions, ...options }), {
      ...service,
      providers,
    });
    this.#apps.push(app);
    await app.listen();
    // The server has the subscriptions before anybody sends: not even the stock transport waits for that.
    await app.unwrap<NatsConnection>().flush();
    return app;
  }

  /** A nats.js connection without NestJS, to look at what goes over the wire. */
  async plainConnection(): Promise<NatsConnection> {
    const nc = await connect({ servers: this.server.url, user: 'plain', pass: 'plain' });
    this.#apps.push(nc);
    return nc;
  }

  #options(own: TransportOptions = {}): TransportOptions {
    const quick = { reconnectTimeWait: 20, reconnectJitter: 0 };
    return { servers: this.server.url, ...quick, ...this.settings.options, ...own };
  }
}

/** The nats-servers of the scenarios that harm none: one for each pair, as pairs run side by side. */
const shared = new Map<Pair, Promise<NatsServer>>();

function sharedServer(pair: Pair): Promise<NatsServer> {
  const server = shared.get(pair) ?? startNatsServer({ config: users() });
  shared.set(pair, server);
  return server;
}

/** Ends the nats-servers that scenarios shared. */
export async function stopSharedServers(): Promise<void> {
  const servers = await Promise.all(shared.values());
  shared.clear();
  await Promise.all(servers.map((server) => server.stop()));
}
