import { NatsAuthService } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

import { startBalancedCluster } from '../../support/balanced-cluster.js';
import { startFaultProxy } from '../../support/fault-proxy.js';
import { startHostileServer } from '../../support/hostile-server.js';
import { serverForTest } from '../../support/server-for-test.js';
import { startService } from '../nest/app.js';

const userInfoProvider = { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) };
const LAME_DUCK = 'lame_duck_duration: "30s"\nlame_duck_grace_period: "10s"\n';
/** Longer than any test: who dials what is out of reach stays there. */
const FOREVER_MS = 600_000;

/** An address that takes connections and never says a word. */
async function silentAddress() {
  const silent = await startHostileServer([]);
  onTestFinished(() => silent.stop());
  return { url: `nats://127.0.0.1:${silent.port}`, hostPort: `127.0.0.1:${silent.port}`, silent };
}

/** What a service tells of its connections. */
function listen(service: NatsAuthService): string[] {
  const told: string[] = [];
  service.on('connected', ({ kind, serverName }) => void told.push(`${kind} to ${serverName}`));
  service.on('disconnected', () => void told.push('disconnected'));
  service.on('rotated', ({ outcome }) => void told.push(outcome));
  return told;
}

describe('addresses that cannot be reached', () => {
  it('a handover dials the address of the options before those that the cluster tells of', async () => {
    const pods = await Promise.all([silentAddress(), silentAddress(), silentAddress()]);
    const cluster = await startBalancedCluster({
      config: LAME_DUCK,
      advertise: pods.map(({ hostPort }) => hostPort),
    });
    onTestFinished(() => cluster.stop());
    const app = await startService(
      {
        connection: { servers: cluster.url },
        rotation: { dialTimeout: FOREVER_MS },
        userInfoProvider,
      },
      {},
    );
    const told = listen(app.get(NatsAuthService));
    cluster.servers[0]?.lameDuck();
    await eventually(() => told.length >= 2, { what: 'the handover' });
    expect(told).toEqual(['handover to n1', 'success']);
  });

  it('a handover does not wait for an address that says nothing until the server lets go', async () => {
    const [first, second] = [
      await serverForTest({ config: `server_name: first\n${LAME_DUCK}` }),
      await serverForTest({ config: 'server_name: second\n' }),
    ];
    const [one, other] = [await silentAddress(), await silentAddress()];
    const app = await startService(
      {
        connection: { servers: [first.url, one.url, other.url, second.url], noRandomize: true },
        rotation: { dialTimeout: 300 },
        userInfoProvider,
      },
      {},
    );
    const told = listen(app.get(NatsAuthService));
    first.lameDuck();
    await eventually(() => told.length >= 2, { what: 'the handover', timeoutMs: 30_000 });
    expect(told).toEqual(['handover to second', 'success']);
    expect([one, other].map(({ silent }) => silent.open)).toEqual([0, 0]);
  });

  it('a reconnect does not wait long for an address that only the cluster told of', async () => {
    const pods = await Promise.all([silentAddress(), silentAddress(), silentAddress()]);
    const cluster = await startBalancedCluster({ advertise: pods.map(({ hostPort }) => hostPort) });
    onTestFinished(() => cluster.stop());
    const proxy = await startFaultProxy({ port: Number(new URL(cluster.url).port) });
    onTestFinished(() => proxy.stop());
    const app = await startService(
      {
        connection: { servers: proxy.url, reconnectTimeWait: 50 },
        rotation: { dialTimeout: 50 },
        userInfoProvider,
      },
      {},
    );
    const told = listen(app.get(NatsAuthService));
    await proxy.unlisten();
    await eventually(() => pods.some(({ silent }) => silent.open > 0), {
      what: 'another address to be dialled',
    });
    await proxy.listen();
    await eventually(() => told.length >= 2, { what: 'the reconnect' });
    expect(told).toEqual(['disconnected', expect.stringMatching(/^reconnect to n\d$/)]);
  });

  it('a handover away from a server that was left otherwise meanwhile is given up', async () => {
    const server = await serverForTest({ config: 'server_name: there\n' });
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    const { url, silent } = await silentAddress();
    const app = await startService(
      {
        connection: { servers: [proxy.url, url], noRandomize: true, reconnectTimeWait: 50 },
        rotation: { dialTimeout: FOREVER_MS },
        userInfoProvider,
      },
      {},
    );
    const service = app.get(NatsAuthService);
    const told = listen(service);
    proxy.inject('INFO {"ldm":true}\r\n');
    await eventually(() => silent.open === 1, { what: 'the handover to dial' });
    proxy.breakOpen('reset');
    await eventually(() => silent.open === 0, { what: 'the handover to be given up' });
    await service.rotate();
    expect(told).toEqual(['disconnected', 'reconnect to there', 'handover to there', 'success']);
  });

  it('a handover to credentials that a reconnect has presented meanwhile is given up', async () => {
    const server = await serverForTest({ config: 'server_name: there\n' });
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    const { url, silent } = await silentAddress();
    const app = await startService(
      {
        connection: {
          servers: [proxy.url, url],
          noRandomize: true,
          reconnectTimeWait: 50,
          timeout: FOREVER_MS,
        },
        rotation: { dialTimeout: FOREVER_MS },
        refresh: { reuse: 60_000 },
        userInfoProvider: {
          getUserInfo: () => ({ user: 'svc', pass: 'secret', expiresAt: Date.now() + 3_600_000 }),
        },
      },
      {},
    );
    const service = app.get(NatsAuthService);
    const told = listen(service);
    proxy.treat({ breaks: { at: 'accept', how: 'reset' } });
    const rotation = service.rotate();
    await eventually(() => silent.open === 1, { what: 'the handover to dial the next address' });
    proxy.treat({});
    proxy.breakOpen('reset');
    await rotation;
    expect(told).toEqual(['disconnected', 'reconnect to there']);
  });
});
