import { type NatsAuthModuleOptions, NatsAuthService } from 'nestjs-nats-auth';
import { eventually, startNatsCluster } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';

import { startClient, startService } from '../nest/app.js';
import { endWithoutLoss, startLoad, WorkController } from './work.js';

describe('in a cluster', () => {
  const userInfoProvider = { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) };

  it('stays on its server when it rotates', async () => {
    const cluster = await startNatsCluster(3);
    onTestFinished(() => cluster.stop());
    const app = await startService({ connection: { servers: cluster.urls }, userInfoProvider }, {});
    const service = app.get(NatsAuthService);
    const address = service.status.connections.server?.server ?? 'none';
    const server = cluster.servers.find(({ url }) => url.endsWith(address));
    const connection = async () => {
      const connections = (await server?.connections()) ?? [];
      return connections.length === 1 ? connections[0]?.cid : undefined;
    };
    let before = await connection();
    for (let rotation = 0; rotation < 5; rotation++) {
      await service.rotate();
      const after = await eventually(connection, { what: 'the old connection to close' });
      expect(after).not.toBe(before);
      before = after;
    }
  });

  it('moves to another server with a user that may subscribe to its handlers alone, and no handler counts as refused', async () => {
    const permissions = 'permissions: { subscribe: [echo, slow, stream, numbered], publish: "_INBOX.>" }';
    const cluster = await startNatsCluster(2, {
      config: `authorization { users: [ { user: svc, password: secret, ${permissions} } ] }\n`,
    });
    onTestFinished(() => cluster.stop());
    const app = await startService(
      { connection: { servers: cluster.urls[0] }, userInfoProvider },
      { controllers: [WorkController] },
    );
    const nats = app.get(NatsAuthService);
    const refused: string[] = [];
    nats.on('subscriptionRefused', ({ problem }) => refused.push(problem));
    let moved = false;
    nats.on('rotated', ({ role, outcome }) => (moved ||= role === 'server' && outcome === 'success'));
    cluster.servers[0]?.lameDuck();
    await eventually(() => moved, { what: 'the service to move' });
    expect(refused).toEqual([]);
    expect(nats.status.connections.server?.refusedSubscriptions ?? []).toEqual([]);
  });

  it('moves to another server before one in lame-duck mode ends, and loses nothing from callers anywhere', async () => {
    const cluster = await startNatsCluster(3, {
      config: 'lame_duck_duration: "30s"\nlame_duck_grace_period: "10s"\n',
    });
    onTestFinished(() => cluster.stop());
    const [leaving, ...staying] = cluster.servers;
    if (!leaving) throw new Error('the cluster has three servers');
    const at = (servers: string): NatsAuthModuleOptions => ({ connection: { servers }, userInfoProvider });
    const app = await startService(at(leaving.url), { controllers: [WorkController] });
    const clients = await Promise.all(cluster.urls.map((url) => startClient(at(url))));
    for (const client of clients) {
      const answer = () => firstValueFrom(client.send('echo', 'there'));
      await eventually(answer, { what: 'the cluster to know the service' });
    }
    const loads = clients.map((client, of) => startLoad(client, of * 1_000_000));
    await eventually(() => loads.every((load) => load.answered > 50), { what: 'load' });
    leaving.lameDuck();
    await eventually(async () => (await leaving.connections()).length === 0, {
      what: 'both connections to move',
      timeoutMs: 20_000,
    });
    await endWithoutLoss(loads);
    const moved = app.get(NatsAuthService).status.connections.server?.server;
    expect(staying.map(({ url }) => url)).toContain(`nats://${moved}`);
  });
});
