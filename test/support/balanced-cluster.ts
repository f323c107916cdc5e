import { randomUUID } from 'node:crypto';

import { withFreePorts } from '../../libs/testing/free-port.js';
import { freePort, type NatsServer, startNatsServer } from '../../libs/testing/index.js';
import { clusterFormed } from '../../libs/testing/nats-server/nats-cluster.js';
import { type FaultProxy, startFaultProxy } from './fault-proxy.js';
import { startTcpBalancer, type TcpBalancer } from './tcp-balancer.js';

/** How to start servers behind one address. */
export interface BalancedClusterOptions {
  /** A piece of configuration for each server. */
  readonly config?: string;
  /**
   * For how long what two servers tell each other is on its way, in ms; for each pair that of the first and second, the
   * first and third, the second and third server. Default: no delay.
   */
  readonly routeDelaysMs?: readonly [number, number, number];
  /** `host:port` that each server tells clients it has. Default: clients are told of no address. */
  readonly advertise?: readonly string[];
}

/** Three servers that route to each other, behind one address. */
export interface BalancedCluster {
  readonly servers: readonly NatsServer[];
  /** The address of the balancer. */
  readonly url: string;
  /** Waits until each server sees all the others, as after a restart of one. */
  formed(): Promise<void>;
  stop(): Promise<void>;
}

export function startBalancedCluster(options: BalancedClusterOptions = {}): Promise<BalancedCluster> {
  return withFreePorts(() => start(options));
}

const PAIRS = [
  [0, 1],
  [0, 2],
  [1, 2],
] as const;

async function start({ config = '', routeDelaysMs = [0, 0, 0], advertise }: BalancedClusterOptions) {
  const servers: NatsServer[] = [];
  const proxies: FaultProxy[] = [];
  let balancer: TcpBalancer | undefined;
  const stop = async () => {
    await balancer?.stop();
    await Promise.all(servers.map((server) => server.stop()));
    await Promise.all(proxies.map((proxy) => proxy.stop()));
  };
  const formed = () => clusterFormed(servers);
  try {
    const ports = await Promise.all(['n0', 'n1', 'n2'].map(() => freePort()));
    /** Through which proxies each server dials the others. */
    const routes = ports.map((): FaultProxy[] => []);
    for (const [i, [one, other]] of PAIRS.entries()) {
      for (const [from, to] of [
        [one, other],
        [other, one],
      ] as const) {
        const proxy = await startFaultProxy({ port: ports[to] ?? 0 });
        proxy.treat({ pace: { latencyMs: routeDelaysMs[i] } });
        proxies.push(proxy);
        routes[from]?.push(proxy);
      }
    }
    // As startNatsCluster() does: a server of another cluster may dial one of these ports.
    const name = `test-${randomUUID()}`;
    for (const [i, port] of ports.entries()) {
      const told = advertise ? `client_advertise: "${advertise[i]}"\n` : '';
      const urls = routes[i]?.map((route) => `nats-route://127.0.0.1:${route.port}`).join(', ');
      // What servers tell each other of routes would lead past the proxies: nobody listens at that address.
      const cluster = `cluster { name: ${name}, listen: 127.0.0.1:${port}, advertise: "127.0.0.1:1", routes: [ ${urls} ], no_advertise: ${!advertise} }\n`;
      servers.push(await startNatsServer({ config: `server_name: n${i}\n${told}${cluster}${config}` }));
    }
    await formed();
    balancer = await startTcpBalancer(servers);
  } catch (error) {
    await stop();
    throw error;
  }
  return { servers, url: balancer.url, formed, stop };
}
