import type { NatsCluster, NatsServer } from 'nestjs-nats-auth/testing';

export type ServerState = 'up' | 'restarting' | 'lame duck';

/** Does to the servers what an operator would. */
export class NatsOperator {
  readonly #states = new Map<NatsServer, ServerState>();
  readonly #backSince = new Map<NatsServer, number>();

  constructor(private readonly cluster: NatsCluster) {}

  /** Names and states of the servers, in their order, and since when one that was away is back, in ms since the epoch. */
  get servers(): { name: string; address: string; state: ServerState; backSince?: number }[] {
    return this.cluster.servers.map((server, i) => ({
      name: `n${i}`,
      address: new URL(server.url).host,
      state: this.#states.get(server) ?? 'up',
      backSince: this.#backSince.get(server),
    }));
  }

  /** All servers are up, so that one of them can be spared. */
  get isComplete(): boolean {
    return this.servers.every(({ state }) => state === 'up');
  }

  isIn(state: ServerState, name: string): boolean {
    return this.servers.some((server) => server.name === name && server.state === state);
  }

  /** Ends a server and starts it again. */
  async restart(name: string): Promise<void> {
    await this.#during('restarting', name, (server) => server.restart());
  }

  /** Asks a server to let go of its clients, and starts it again after it has ended. */
  async lameDuck(name: string): Promise<void> {
    await this.#during('lame duck', name, async (server) => {
      server.lameDuck();
      await server.ended();
      await server.restart();
    });
  }

  async #during(
    state: ServerState,
    name: string,
    action: (server: NatsServer) => Promise<void>,
  ): Promise<void> {
    const server = this.cluster.servers[this.servers.findIndex((one) => one.name === name)];
    if (!server) throw new Error(`There is no server '${name}'.`);
    this.#states.set(server, state);
    try {
      await action(server);
      await this.cluster.formed();
    } finally {
      this.#states.delete(server);
      this.#backSince.set(server, Date.now());
    }
  }
}
