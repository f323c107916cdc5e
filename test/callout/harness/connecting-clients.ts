import { setTimeout as later } from 'node:timers/promises';

import type { Lane } from './lanes.js';

/** Clients that connect and leave again, several at a time, until they are stopped. Each tries once. */
export class ConnectingClients {
  admitted = 0;
  readonly refused: string[] = [];
  #stopped = false;
  readonly #loops: Promise<unknown>;

  constructor(
    private readonly lane: Lane,
    private readonly server: { readonly url: string },
    private readonly credentials: object,
    atOnce = 6,
  ) {
    this.#loops = Promise.all(Array.from({ length: atOnce }, () => this.#loop()));
  }

  /** Resolves when so many more have tried. */
  async more(clients: number): Promise<void> {
    const until = this.#tried + clients;
    while (this.#tried < until) await later(5);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loops;
  }

  get #tried(): number {
    return this.admitted + this.refused.length;
  }

  async #loop(): Promise<void> {
    while (!this.#stopped) {
      try {
        const client = await this.lane.driver.plainConnect({
          servers: this.server.url,
          reconnect: false,
          maxReconnectAttempts: 0,
          timeout: 20_000,
          ...this.credentials,
        });
        this.admitted++;
        await client.close();
      } catch (error) {
        this.refused.push(String(error));
      }
    }
  }
}
