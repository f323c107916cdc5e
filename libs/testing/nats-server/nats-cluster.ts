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
  /**
   * Waits until each server sees all the others, and has JetStream if that is on, as after a restart of one. JetStream may still refuse a stream with several
   * replicas for some tenths of a second, with the error 10005: then ask again.
   */
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
  const startOne = (port: number) => {
    const cluster = `server_name: n${ports.indexOf(port)}\ncluster { name: ${name}, listen: 127.0.0.1:${port}, routes: [ ${routes} ] }\n`;
    return startNatsServer({ ...options, config: cluster + (options.config ?? '') });
  };
  const servers: NatsServer[] = [];
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  const formed = () => clusterFormed(servers);
  // A leader of JetStream may never count a server whose vote comes just after those that elected it. Of a bare majority it
  // needs every vote, and it counts those that join it one by one.
  const majority = Math.floor(size / 2) + 1;
  const joining = ports.slice(majority).map((port) => [port]);
  try {
    for (const together of [ports.slice(0, majority), ...joining]) {
      const started = await Promise.allSettled(together.map(startOne));
      servers.push(...started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])));
      const failed = started.find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
      await formed();
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { servers, urls: servers.map((server) => server.url), formed, stop };
}

/** Waits until each of these servers sees all the others, is healthy, and the leader of JetStream would place replicas on each. */
export async function clusterFormed(servers: readonly NatsServer[]): Promise<void> {
  const isOver = () => servers.some(({ isStopped }) => isStopped);
  const hasFormed = async () => {
    if (isOver()) return true;
    const views = await Promise.all(servers.map((server) => viewOf(server)));
    if (views.every((view) => isWhole(view, servers.length)) && isPlaceable(views)) return true;
    throw new Error(`its servers tell: ${JSON.stringify(views)}`);
  };
  await eventually(hasFormed, { what: 'the cluster to form', timeoutMs: 30_000 });
  if (isOver()) throw new Error('The cluster was stopped while it was waited for.');
}

/** What a server tells of its cluster. */
interface View {
  readonly others: number;
  /** Where JetStream is on, it is only once a leader of the cluster is known. */
  readonly isHealthy: boolean;
  readonly jetstream: {
    disabled?: boolean;
    meta_cluster?: { replicas?: { current: boolean; offline?: boolean }[] };
  };
}

async function viewOf({ monitorUrl }: NatsServer): Promise<View> {
  const page = (name: string) => fetch(`${monitorUrl}/${name}`);
  const [routez, healthz, jsz] = await Promise.all([page('routez'), page('healthz'), page('jsz')]);
  const { routes } = (await routez.json()) as { routes: { remote_id: string }[] };
  return {
    others: new Set(routes.map((route) => route.remote_id)).size,
    isHealthy: healthz.ok,
    jetstream: jetstreamOf((await jsz.json()) as View['jetstream']),
  };
}

/** Without its other figures, which would fill the error. */
function jetstreamOf({ disabled, meta_cluster }: View['jetstream']): View['jetstream'] {
  const replicas = meta_cluster?.replicas?.map(({ current, offline }) => ({ current, offline }));
  return { disabled, meta_cluster: { replicas } };
}

function isWhole({ others, isHealthy }: View, size: number): boolean {
  return isHealthy && others === size - 1;
}

/**
 * A leader that was elected before it heard from a server takes it for offline, and refuses a stream for which it is needed. That it has not heard yet
 * how much room one has cannot be seen: it may refuse for a moment more (error 10005).
 */
function isPlaceable(views: readonly View[]): boolean {
  const enabled = views.filter(({ jetstream }) => !jetstream.disabled);
  if (enabled.length === 0) return true;
  return enabled.some(({ jetstream }) => {
    const replicas = jetstream.meta_cluster?.replicas ?? [];
    return (
      replicas.length === enabled.length - 1 && replicas.every(({ current, offline }) => current && !offline)
    );
  });
}
