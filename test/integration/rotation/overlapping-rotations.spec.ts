import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { NatsAuthClient, type NatsAuthEvents, NatsAuthService, type UserInfo } from 'nestjs-nats-auth';
import { eventually, type NatsServer, startNatsCluster } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { startFaultProxy } from '../../support/fault-proxy.js';
import { serverForTest } from '../../support/server-for-test.js';
import { startClient, startService } from '../nest/app.js';

const IN_AN_HOUR = Date.now() + 3_600_000;
const ALL = ['first', 'second', 'third', 'caller'].map((name) => `{ user: ${name}, password: secret }`);
const MUTE = '{ user: mute, password: secret, permissions: { subscribe: { deny: slow } } }';
const USERS = `authorization { users: [ ${[...ALL, MUTE].join(', ')} ] }\n`;

let slow: { finish?: (answer: string) => void };
let user: string;
const provider = { getUserInfo: (): UserInfo => ({ user, pass: 'secret' }) };
const caller = { getUserInfo: (): UserInfo => ({ user: 'caller', pass: 'secret' }) };

@Controller()
class SlowController {
  @MessagePattern('slow')
  slow() {
    return new Promise((resolve) => (slow.finish = resolve));
  }
}

beforeEach(() => {
  slow = {};
  user = 'first';
});

describe('rotate()', () => {
  it('that comes while another waits for a handler goes on to its own user info', async () => {
    const server = await serverForTest({ config: USERS });
    const app = await startService(
      { connection: { servers: server.url, name: 'service' }, userInfoProvider: provider },
      { controllers: [SlowController] },
    );
    const client = await startClient({ connection: { servers: server.url }, userInfoProvider: caller });
    const request = firstValueFrom(client.send('slow', 1));
    await eventually(() => slow.finish, { what: 'the slow handler to start' });
    user = 'second';
    const rotations = [app.get(NatsAuthService).rotate()];
    await eventually(async () => (await usersOf(server)).includes('second'), { what: 'the second user' });
    user = 'third';
    rotations.push(app.get(NatsAuthService).rotate());
    slow.finish?.('done');
    expect(await request).toBe('done');
    await Promise.all(rotations);
    await eventually(async () => (await usersOf(server)).join() === 'third', { what: 'only the third user' });
  });

  it('that comes while another fails does not fail with it', async () => {
    const server = await serverForTest({ config: USERS });
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    const connection = { servers: proxy.url, name: 'service', timeout: 1_000 };
    const app = await startService({ connection, userInfoProvider: provider }, {});
    proxy.treat({ breaks: { at: 'accept', how: 'stall' } });
    const failing = app
      .get(NatsAuthService)
      .rotate()
      .catch((error: unknown) => error);
    await eventually(() => proxy.accepted === 2, { what: 'a dial that is not answered' });
    user = 'second';
    const rotation = app.get(NatsAuthService).rotate();
    // Handled at the end: the one before has to fail first.
    rotation.catch(() => {});
    expect(await failing).toMatchObject({ code: 'ROTATION_FAILED' });
    proxy.heal();
    await rotation;
    await eventually(async () => (await usersOf(server)).join() === 'second', {
      what: 'only the second user',
    });
  });

  it('fails only when both roles are through', async () => {
    const server = await serverForTest({ config: USERS });
    const app = await startService(
      { connection: { servers: server.url, name: 'service' }, userInfoProvider: provider },
      { controllers: [SlowController] },
    );
    const rotated: NatsAuthEvents['rotated'][] = [];
    app.get(NatsAuthService).on('rotated', (event) => rotated.push(event));
    const request = firstValueFrom(app.get(NatsAuthClient).send('slow', 1));
    await eventually(() => slow.finish, { what: 'the slow handler to start' });
    user = 'mute';
    const outcomes = app
      .get(NatsAuthService)
      .rotate()
      .catch((error: unknown) => [error, ...rotated.map(({ role, outcome }) => `${role}: ${outcome}`)]);
    await eventually(() => rotated.length === 1, { what: 'the server role to fail' });
    slow.finish?.('done');
    await request;
    expect(await outcomes).toMatchObject([{ code: 'ROTATION_FAILED' }, 'server: failure', 'client: success']);
  });
});

describe('a server that goes into lame-duck mode', () => {
  it('while a rotation waits for a handler is left all the same', async () => {
    const { leaving, staying, at } = await pairOfServers();
    const app = await startService(at(leaving), { controllers: [SlowController] });
    const client = await startClient(at(leaving));
    const request = firstValueFrom(client.send('slow', 1));
    await eventually(() => slow.finish, { what: 'the slow handler to start' });
    const service = app.get(NatsAuthService);
    const told: string[] = [];
    for (const event of ['connected', 'lameDuck', 'disconnected'] as const)
      service.on(event, () => told.push(event));
    const rotation = service.rotate();
    await eventually(() => told.includes('connected'), { what: 'the new connection' });
    leaving.lameDuck();
    await eventually(() => told.includes('lameDuck'), { what: 'the server to say so' });
    slow.finish?.('done');
    await Promise.all([request, rotation]);
    await untilAt(staying, service);
    expect(told).not.toContain('disconnected');
  });

  it('is left with the same user info, too, once there is another server', async () => {
    const { leaving, staying, at } = await pairOfServers();
    await staying.kill();
    const userInfoProvider = { getUserInfo: () => ({ ...provider.getUserInfo(), expiresAt: IN_AN_HOUR }) };
    const app = await startService(
      {
        ...at(leaving),
        userInfoProvider,
        refresh: { reuse: 1_000 },
        rotation: { retry: { initialDelay: 20, maxDelay: 20 } },
      },
      {},
    );
    const service = app.get(NatsAuthService);
    const told: string[] = [];
    service.on('disconnected', () => told.push('disconnected'));
    service.on('rotated', ({ outcome }) => told.push(outcome));
    leaving.lameDuck();
    await eventually(() => told.includes('failure'), { what: 'a rotation that finds no server' });
    await staying.restart();
    await untilAt(staying, service);
    expect(told).not.toContain('disconnected');
  });
});

/** A cluster of which one server is to leave, with half a minute before it cuts its clients. */
async function pairOfServers() {
  const cluster = await startNatsCluster(2, {
    config: 'lame_duck_duration: "60s"\nlame_duck_grace_period: "30s"\n',
  });
  onTestFinished(() => cluster.stop());
  const [leaving, staying] = cluster.servers;
  if (!leaving || !staying) throw new Error('the cluster has two servers');
  // In lame-duck mode it does not hear SIGTERM.
  onTestFinished(() => leaving.kill());
  const at = ({ url }: NatsServer) => ({
    connection: { servers: [url, ...cluster.urls], noRandomize: true },
    userInfoProvider: provider,
  });
  return { leaving, staying, at };
}

async function untilAt(server: NatsServer, service: NatsAuthService): Promise<void> {
  await eventually(() => server.url.endsWith(String(service.status.connections.server?.server)), {
    what: 'the service to move',
    timeoutMs: 20_000,
  });
}

async function usersOf(server: NatsServer): Promise<(string | undefined)[]> {
  const connections = await server.connections();
  return connections.filter(({ name }) => name === 'service').map((of) => of.authorized_user);
}
