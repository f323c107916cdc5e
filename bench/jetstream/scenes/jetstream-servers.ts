import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { withFreePorts } from '../../../libs/testing/free-port.js';
import { clusterFormed } from '../../../libs/testing/nats-server/nats-cluster.js';
import {
  freePort,
  type NatsServer,
  type NatsServerRelease,
  startNatsServer,
} from '../../../libs/testing/index.js';

/** How to start servers with JetStream. */
export interface JetStreamServersOptions {
  /** A piece of configuration for each server. */
  readonly config: string;
  readonly release: NatsServerRelease;
}

/** Servers with JetStream, each with a folder of its own for its streams. */
export interface JetStreamServers {
  /** Those with JetStream. */
  readonly servers: readonly NatsServer[];
  /** The server of connections that are not under test: it stays up, and has no JetStream where it is one more. */
  readonly aside: NatsServer;
  /** How many replicas a stream can have. */
  readonly replicas: number;
  /** Waits until each server sees all the others, as after a restart of one. */
  readonly formed: () => Promise<void>;
  stop(): Promise<void>;
}

export async function startJetStreamServer(options: JetStreamServersOptions): Promise<JetStreamServers> {
  const folder = await mkdtemp(join(tmpdir(), 'jetstream-'));
  const { release } = options;
  const server = await startNatsServer({ release, config: storedIn(folder) + options.config });
  const stop = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { servers: [server], aside: server, replicas: 1, formed: () => Promise.resolve(), stop };
}

/** Three servers with JetStream and one without, which route to each other. */
export function startJetStreamCluster(options: JetStreamServersOptions): Promise<JetStreamServers> {
  return withFreePorts(() => startCluster(options));
}

const NODES = ['n0', 'n1', 'n2'];

async function startCluster({ config, release }: JetStreamServersOptions): Promise<JetStreamServers> {
  const folder = await mkdtemp(join(tmpdir(), 'jetstream-'));
  const names = [...NODES, 'aside'];
  const ports = await Promise.all(names.map(() => freePort()));
  const routes = ports.map((port) => `nats-route://127.0.0.1:${port}`).join(', ');
  // A server of another cluster may dial one of these ports: of another name it is turned away.
  const cluster = `test-${randomUUID()}`;
  const started: NatsServer[] = [];
  const stop = async () => {
    await Promise.all(started.map((server) => server.stop()));
    await rm(folder, { recursive: true, force: true });
  };
  const start = async (name: string, port = 0) => {
    const store = name === 'aside' ? '' : storedIn(join(folder, name));
    const route = `cluster { name: ${cluster}, listen: 127.0.0.1:${port}, no_advertise: true, routes: [ ${routes} ] }\n`;
    const server = await startNatsServer({
      release,
      config: `server_name: ${name}\n${route}${store}${config}`,
    });
    started.push(server);
    return server;
  };
  try {
    // A server is healthy once the others are there: they start together.
    const servers = await Promise.all(names.map((name, i) => start(name, ports[i])));
    const [aside] = servers.splice(-1);
    if (!aside) throw new Error('No server was started.');
    const formed = () => clusterFormed(started);
    await formed();
    return { servers, aside, replicas: servers.length, formed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function storedIn(folder: string): string {
  return `jetstream { store_dir: ${JSON.stringify(folder)}, max_file: 20GB }\n`;
}
