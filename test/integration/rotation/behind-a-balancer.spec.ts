import { type NatsAuthModuleOptions, NatsAuthService } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';

import { type BalancedClusterOptions, startBalancedCluster } from '../../support/balanced-cluster.js';
import { startFaultProxy } from '../../support/fault-proxy.js';
import { startTcpBalancer } from '../../support/tcp-balancer.js';
import { startClient, startService } from '../nest/app.js';
import { endWithoutLoss, startLoad, WorkController } from './work.js';

const userInfoProvider = { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) };
const at = (servers: string): NatsAuthModuleOptions => ({ connection: { servers }, userInfoProvider });

async function clusterForTest(options?: BalancedClusterOptions) {
  const cluster = await startBalancedCluster(options);
  onTestFinished(() => cluster.stop());
  return cluster;
}

/** Sends to a service from every server while it rotates, and expects nothing to be lost or to come twice. */
async function rotateUnderLoad(routeDelaysMs: [number, number, number], rotations: number) {
  const cluster = await clusterForTest({ routeDelaysMs });
  const app = await startService(at(cluster.url), { controllers: [WorkController] });
  const service = app.get(NatsAuthService);
  const clients = await Promise.all(cluster.servers.map(({ url }) => startClient(at(url))));
  for (const client of clients) {
    const answer = () => firstValueFrom(client.send('echo', 'there'));
    await eventually(answer, { what: 'the cluster to know the service' });
  }
  const loads = clients.map((client, of) => startLoad(client, of * 1_000_000));
  await eventually(() => loads.every((load) => load.answered > 50), { what: 'load' });
  const servers = [service.status.connections.server];
  for (let rotation = 0; rotation < rotations; rotation++) {
    await service.rotate();
    servers.push(service.status.connections.server);
  }
  await endWithoutLoss(loads);
  return servers;
}

describe('behind one address with several servers', () => {
  it('a rotation loses nothing from callers anywhere, and status tells the servers apart', async () => {
    const servers = await rotateUnderLoad([20, 20, 20], 3);
    expect(servers.map((server) => server?.serverName)).toEqual(['n0', 'n1', 'n2', 'n0']);
    expect(new Set(servers.map((server) => server?.serverId)).size).toBe(3);
    expect(new Set(servers.map((server) => server?.server)).size).toBe(1);
  });

  it('a rotation waits for a server that hears of the new subscriptions later than the others', async () => {
    await rotateUnderLoad([2, 2, 100], 1);
  });

  it('a service leaves a server in lame-duck mode, although the address leads there again', async () => {
    const { servers } = await clusterForTest();
    const [leaving, staying] = servers;
    if (!leaving || !staying) throw new Error('the cluster has three servers');
    // One in front of it goes on to accept, and announces what the server itself would announce.
    const proxy = await startFaultProxy(leaving);
    onTestFinished(() => proxy.stop());
    const balancer = await startTcpBalancer([proxy, proxy, proxy, staying]);
    onTestFinished(() => balancer.stop());
    const app = await startService(at(balancer.url), { controllers: [WorkController] });
    const service = app.get(NatsAuthService);
    const told: string[] = [];
    service.on('lameDuck', ({ serverName }) => void told.push(`${serverName} ends`));
    service.on('connected', ({ kind, serverName }) => void told.push(`${kind} to ${serverName}`));
    service.on('rotated', ({ outcome }) => void told.push(outcome));
    proxy.inject('INFO {"ldm":true}\r\n');
    await eventually(() => told.length >= 3, { what: 'the handover' });
    expect(told).toEqual(['n0 ends', 'handover to n1', 'success']);
  });
});
