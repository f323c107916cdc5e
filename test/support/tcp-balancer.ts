import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

import { freePort } from 'nestjs-nats-auth/testing';

/** One address with several servers behind it, as a load balancer or a Kubernetes Service is. */
export interface TcpBalancer {
  readonly port: number;
  /** `nats://127.0.0.1:port`. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Gives connections to the targets in turn, and passes by a target that refuses. */
export async function startTcpBalancer(targets: readonly { readonly port: number }[]): Promise<TcpBalancer> {
  const clients = new Set<Socket>();
  let turn = 0;
  const listener = createServer((client) => {
    clients.add(client);
    client.setNoDelay(true);
    client.on('error', () => undefined);
    client.on('close', () => clients.delete(client));
    const first = turn++;
    const inTurn = targets.map((_, i) => targets[(first + i) % targets.length]);
    void dialOneOf(inTurn.flatMap((target) => target ?? [])).then((server) => join(client, server));
  });
  const port = await freePort();
  listener.listen(port, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port,
    url: `nats://127.0.0.1:${port}`,
    stop: async () => {
      const closed = once(listener, 'close');
      listener.close();
      for (const client of clients) client.destroy();
      await closed;
    },
  };
}

async function dialOneOf(targets: readonly { readonly port: number }[]): Promise<Socket | undefined> {
  for (const { port } of targets) {
    const server = connect(port, '127.0.0.1');
    const connected = await once(server, 'connect').catch(() => undefined);
    if (connected) return server;
  }
  return undefined;
}

function join(client: Socket, server: Socket | undefined): void {
  if (!server || client.destroyed) {
    client.destroy();
    server?.destroy();
    return;
  }
  server.setNoDelay(true);
  server.on('error', () => client.destroy());
  client.on('error', () => server.destroy());
  // Either side that has ended ends the other; a socket that is gone takes the other with it.
  client.pipe(server).on('close', () => client.destroy());
  server.pipe(client).on('close', () => server.destroy());
}
