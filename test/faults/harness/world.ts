import { connect } from 'node:net';

import type { Role } from 'nestjs-nats-auth';
import type { NatsServer, ServerConnection } from 'nestjs-nats-auth/testing';

import type { FaultProxy } from '../../support/fault-proxy.js';

/** The name that the connections of the application have. */
export const NAME = 'application';
/** What its handler is subscribed to. */
export const SUBJECT = 'work';

/** What the servers and proxies around an application know of it; nothing here asks the application. */
export class World {
  readonly #frozen = new Set<NatsServer>();

  /** @param proxies those that the application dials; none when it dials the servers. */
  constructor(
    readonly servers: readonly NatsServer[],
    readonly proxies: readonly FaultProxy[] = [],
  ) {}

  /** The role of each connection of the application that a server has let in: it is known by what it subscribes. */
  async roles(): Promise<Role[]> {
    const letIn = await this.#letIn();
    return letIn
      .map(({ subscriptions_list: list }): Role => (list.includes(SUBJECT) ? 'server' : 'client'))
      .sort();
  }

  /** The user that each of them is. */
  async users(): Promise<string[]> {
    return (await this.#letIn()).map(({ authorized_user: user = '' }) => user);
  }

  /** How many sockets of the application are open, whether or not a server has let it in. */
  async sockets(): Promise<number> {
    if (this.proxies.length > 0) return this.proxies.reduce((sum, { open }) => sum + open, 0);
    return (await this.#listed()).length;
  }

  /** Stops the process of a server: until it may go on it serves nobody, and cannot be asked. */
  freeze(server: NatsServer): void {
    this.#frozen.add(server);
    server.signal('SIGSTOP');
  }

  thaw(server: NatsServer): void {
    this.#frozen.delete(server);
    server.signal('SIGCONT');
  }

  async #letIn(): Promise<Subscribed[]> {
    // One that has no subscription may still wait for an auth-callout service to let it in.
    return (await this.#listed()).filter(
      (one): one is Subscribed => one.name === NAME && one.subscriptions_list !== undefined,
    );
  }

  async #listed(): Promise<ServerConnection[]> {
    const servers = this.servers.filter((server) => !this.#frozen.has(server));
    return (await Promise.all(servers.map(listedBy))).flat();
  }
}

type Subscribed = ServerConnection & Required<Pick<ServerConnection, 'subscriptions_list'>>;

/** All clients of a server but the stage's own. */
async function listedBy(server: NatsServer): Promise<ServerConnection[]> {
  try {
    // A connection that is kept alive would look like one that the application has left open.
    const headers = { connection: 'close' };
    const response = await fetch(`${server.monitorUrl}/connz?auth=1&subs=1`, { headers });
    const { connections } = (await response.json()) as { connections: ServerConnection[] };
    return connections.filter(({ name }) => name !== 'auth-callout');
  } catch (error) {
    if (await isDown(server)) return [];
    throw error;
  }
}

/** Whether nobody listens at its address: a server that merely gives no answer may have connections. */
function isDown({ port }: NatsServer): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'));
  });
}
