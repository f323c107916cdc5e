import { randomUUID } from 'node:crypto';

import { eventually } from '../eventually.js';
import { freePort, withFreePorts } from '../free-port.js';
import { type NatsServer, type NatsServerOptions, startNatsServer } from './nats-server.js';

/** Servers that route to each other. */
export interface NatsCluster {
  /** The servers, in the order of their start. */
  readonly servers: readonly NatsServer[];
  /** The URL of each server, for `servers` of a connection. */
  readonly urls: string[];
  /** Waits until each server sees all the others, and has JetStream if that is on, as after a restart of one. */
  formed(): Promise<void>;
  /** Stops every server. */
  stop(): Promise<void>;
}

/** Starts `size` servers with the same configuration and waits until each sees all the others. */
export function startNatsCluster(size: number, options: NatsServerOptions = {}): Promise<NatsCluster> {
  return withFreePorts(() => start(size, options));
}

async function start(size: number, options: NatsServerOptions): Promise<NatsCluster> {
  const ports = await Promise.all(Array.from({ length: size }, () => freePort()));
  const routes = ports.map((port) => `nats-route://127.0.0.1:${port}`).join(', ');
  // A server of another cluster, whose peer had one of these ports before, dials it for ever: of another name it is turned away.
  const name = `test-${randomUUID()}`;
  const started = await Promise.allSettled(
    ports.map((port, i) => {
      const cluster = `server_name: n${i}\ncluster { name: ${name}, listen: 127.0.0.1:${port}, routes: [ ${routes} ] }\n`;
      return startNatsServer({ ...options, config: cluster + (options.config ?? '') });
    }),
  );
  const servers = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  const formed = () => clusterFormed(servers);
  try {
    const failed = started.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    await formed();
  } catch (error) {
    await stop();
    throw error;
  }
  return { servers, urls: servers.map((server) => server.url), formed, stop };
}

/** Waits until each of these servers sees all the others, and is healthy. */
export async function clusterFormed(servers: readonly NatsServer[]): Promise<void> {
  const isOver = () => servers.some(({ isStopped }) => isStopped);
  const hasFormed = async (server: NatsServer) =>
    isOver() || ((await seesOthers(server, servers.length)) && (await isHealthy(server)));
  for (const server of servers)
    await eventually(() => hasFormed(server), { what: 'the cluster to form', timeoutMs: 30_000 });
  if (isOver()) throw new Error('The cluster was stopped while it was waited for.');
}

/** Where JetStream is on, it is only once a leader of the cluster is known. */
async function isHealthy(server: NatsServer): Promise<boolean> {
  return (await fetch(`${server.monitorUrl}/healthz`)).ok;
}

async function seesOthers(server: NatsServer, size: number): Promise<boolean> {
  const { routes } = (await (await fetch(`${server.monitorUrl}/routez`)).json()) as {
    routes: { remote_id: string }[];
  };
  return new Set(routes.map((route) => route.remote_id)).size === size - 1;
}
