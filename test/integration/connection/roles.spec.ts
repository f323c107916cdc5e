import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  NatsAuthClient,
  type NatsAuthModuleOptions,
  NatsAuthService,
  type UserInfo,
  type UserInfoRequest,
} from 'nestjs-nats-auth';
import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { Registry } from 'prom-client';
import { firstValueFrom } from 'rxjs';
import { expect, it } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { startService } from '../nest/app.js';

const ROLES = ['server', 'client', 'connection'] as const;

/** Users named as the roles, and more, who may subscribe what `subscribe` lists. */
const permitting = (subscribe = '">"', more: readonly string[] = ['shared']) =>
  `authorization { users: [ ${[...ROLES, ...more]
    .map(
      (user) =>
        `{ user: ${user}, password: secret, permissions: { publish: ">", subscribe: [${subscribe}] } }`,
    )
    .join(', ')} ] }\n`;

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(data: unknown) {
    return data;
  }
}

/** An application of all three roles, whose provider gives each role a user of its own, named as the role. */
async function startWithAll(options: Partial<NatsAuthModuleOptions> & { lifetimeMs?: number } = {}) {
  const { lifetimeMs, ...rest } = options;
  const server = await serverForTest({ config: permitting() });
  const registry = new Registry();
  const requests: UserInfoRequest[] = [];
  const getUserInfo = (request: UserInfoRequest): UserInfo => {
    requests.push(request);
    const expires = lifetimeMs !== undefined && { expiresAt: Date.now() + lifetimeMs };
    return { user: request.role, pass: 'secret', ...expires };
  };
  const module = {
    connection: { servers: server.url, reconnectTimeWait: 20, reconnectJitter: 0 },
    metrics: { registry },
    userInfoProvider: { getUserInfo },
    ...rest,
  };
  const app = await startService(module, { controllers: [EchoController] });
  const [client, nats] = [app.get(NatsAuthClient), app.get(NatsAuthService)];
  await firstValueFrom(client.send('echo', 1));
  const nc = await nats.connection<NatsConnection>();
  const series = async (name: string) => {
    const { values = [] } = (await registry.getSingleMetric(`nats_auth_${name}`)?.get()) ?? {};
    return values.filter(({ labels }) => labels['role'] === 'connection').map(({ value }) => value);
  };
  return { server, requests, client, nats, nc, series };
}

/** The users of the connections, sorted. */
const users = async (server: NatsServer) =>
  (await server.connections()).map(({ authorized_user }) => authorized_user).sort();

it('each role presents user info of its own under refresh.perRole, and all move when it is rotated', async () => {
  const { server, requests, nats, nc } = await startWithAll({ refresh: { perRole: true } });
  expect(requests.map(({ role }) => role)).toEqual(['server', 'client', 'connection']);
  expect(await users(server)).toEqual(['client', 'connection', 'server']);
  expect(await nats.rotate()).toEqual({ server: 'rotated', client: 'rotated', connection: 'rotated' });
  expect(
    requests
      .slice(3)
      .map(({ role }) => role)
      .sort(),
  ).toEqual(['client', 'connection', 'server']);
  await nc.flush();
  await eventually(async () => expect(await users(server)).toEqual(['client', 'connection', 'server']), {
    what: 'one connection of each role',
  });
});

it('calls are for all roles once there is more than one, and one refresh ahead of expiry moves all', async () => {
  const { requests, nats } = await startWithAll({
    lifetimeMs: 2_000,
    refresh: { ahead: { fraction: 0.5, jitter: 0 } },
  });
  const moved = new Set<string>();
  nats.on('rotated', ({ role, outcome, trigger }) => {
    if (outcome === 'success' && trigger === 'expiring') moved.add(role);
  });
  expect(requests.map(({ role }) => role)).toEqual(['server', 'shared', 'shared']);
  await eventually(() => moved.size === 3, { what: 'all roles to move' });
  const { connections } = nats.status;
  expect(Object.keys(connections).sort()).toEqual(['client', 'connection', 'server']);
  for (const role of ROLES)
    expect(connections[role]).toMatchObject({ state: 'connected', userInfo: { kind: 'user' } });
});

it('an injected connection that is lost is told as the others are', async () => {
  const { server, nats, nc, series } = await startWithAll();
  const events: string[] = [];
  for (const event of ['disconnected', 'rejected', 'connectFailed', 'connected'] as const)
    nats.on(event, ({ role }) => role === 'connection' && events.push(event));
  await server.kill();
  await eventually(() => events.includes('connectFailed'), { what: 'a dial in vain' });
  expect(nats.status.connections.connection).toMatchObject({ state: 'disconnected' });
  expect(nats.health()).toMatchObject({ state: 'degraded' });
  expect(nats.health({ graceTime: 0 }).problems).toContainEqual(
    expect.objectContaining({ condition: 'disconnected', role: 'connection', state: 'down' }),
  );
  expect(nats.health({ graceTime: 0, required: ['server'] }).problems).toContainEqual(
    expect.objectContaining({ role: 'connection', state: 'degraded' }),
  );
  expect(await series('connected')).toEqual([0]);
  expect(await series('wanted')).toEqual([1]);
  await server.restart();
  await eventually(() => events.includes('connected'), { what: 'it to be back' });
  await nc.flush();
  expect(events[0]).toBe('disconnected');
  expect(await series('connected')).toEqual([1]);
  expect(nats.status.connections.connection).not.toHaveProperty('lastError');
});

it('a subscription of an injected connection that a reconnect finds refused is told, and heard again in the end', async () => {
  let user = 'shared';
  const { server, nats, nc, series } = await startWithAll({
    handlers: { retry: { initialDelay: 50, maxDelay: 50 } },
    userInfoProvider: { getUserInfo: () => ({ user, pass: 'secret' }) },
  });
  const heard: string[] = [];
  nc.subscribe('prices', {
    callback: (error, message) => {
      if (!error) heard.push(message.string());
    },
  });
  await nc.flush();
  const refused: unknown[] = [];
  nats.on('subscriptionRefused', ({ role, subject, stillRefused }) =>
    refused.push({ role, subject, stillRefused }),
  );
  user = 'next';
  await server.reload(permitting('"echo", "_INBOX.>"', [user]));
  await eventually(() => refused.length > 0, { what: 'the refusal' });
  expect(refused).toEqual([{ role: 'connection', subject: 'prices', stillRefused: 1 }]);
  const { connection } = nats.status.connections;
  expect(connection?.refusedSubscriptions).toEqual([expect.stringContaining('prices')]);
  expect(nats.health().problems).toContainEqual(
    expect.objectContaining({ condition: 'subscriptionsRefused', role: 'connection', state: 'down' }),
  );
  expect(await series('subscriptions_refused')).toEqual([1]);
  await server.reload(permitting('">"', [user]));
  await eventually(() => nats.health().state === 'up', { what: 'it to be accepted' });
  expect(await series('subscriptions_refused')).toEqual([0]);
  nc.publish('prices', '12');
  await eventually(() => heard.includes('12'), { what: 'a message' });
});
