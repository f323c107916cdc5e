import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import {
  NatsAuthClient,
  type NatsAuthModuleOptions,
  NatsAuthService,
  type UserInfo,
  type UserInfoRequest,
} from 'nestjs-nats-auth';
import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { startService } from '../nest/app.js';

const CONFIG = `authorization { users: [ ${['server', 'client', 'shared']
  .map((user) => `{ user: ${user}, password: secret }`)
  .join(', ')} ] }\n`;

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(data: unknown) {
    return data;
  }
}

/** An application of both roles whose provider gives each role a user of its own, named as the role. */
async function startByRole(options: Partial<NatsAuthModuleOptions> & { lifetimeMs?: number }) {
  const { lifetimeMs, ...rest } = options;
  const server = await serverForTest({ config: CONFIG });
  const requests: UserInfoRequest[] = [];
  const getUserInfo = async (request: UserInfoRequest): Promise<UserInfo> => {
    requests.push(request);
    // A little later, so that the calls of roles that connect together overlap.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const expires = lifetimeMs !== undefined && { expiresAt: Date.now() + lifetimeMs };
    return { user: request.role, pass: 'secret', ...expires };
  };
  const module = {
    connection: { servers: server.url, reconnectTimeWait: 20, reconnectJitter: 0 },
    userInfoProvider: { getUserInfo },
    ...rest,
  };
  const app = await startService(module, { controllers: [EchoController] });
  return { server, requests, client: app.get(NatsAuthClient), nats: app.get(NatsAuthService) };
}

/** The user of each role's connection, once there is one of each. */
function usersOf(server: NatsServer): Promise<Record<string, string>> {
  return eventually(
    async () => {
      const connections = await server.connections();
      const subscribed = connections.map(
        ({ authorized_user, subscriptions_list }) =>
          [subscriptions_list?.includes('echo') ? 'server' : 'client', authorized_user] as const,
      );
      // A server role that has connected again is known by its handlers a little later.
      return connections.length === 2 && new Map(subscribed).size === 2
        ? (Object.fromEntries(subscribed) as Record<string, string>)
        : undefined;
    },
    { what: 'one connection of each role' },
  );
}

async function isBack(client: NatsAuthClient): Promise<void> {
  await eventually(() => firstValueFrom(client.send('echo', 1)).then((answer) => answer === 1), {
    what: 'the handlers to be back',
  });
}

const BY_ROLE = { server: 'server', client: 'client' };

describe('refresh.perRole', () => {
  it.each(['handover', 'reconnect'] as const)(
    'gives each role its own user at connect, reconnect and rotation by %s',
    async (mode) => {
      const { server, requests, client, nats } = await startByRole({
        refresh: { perRole: true, reuse: 1_000 },
        rotation: { mode },
        lifetimeMs: 3_600_000,
      });
      await isBack(client);
      expect(await usersOf(server)).toEqual(BY_ROLE);
      await nats.rotate();
      expect(await usersOf(server)).toEqual(BY_ROLE);
      await server.kill();
      await server.restart();
      await isBack(client);
      expect(await usersOf(server)).toEqual(BY_ROLE);
      expect(requests.map(({ role }) => role)).not.toContain('shared');
      expect((await nats.refresh()).kind).toBe('user');
    },
  );

  it('gives each role its own user ahead of an expiry', async () => {
    const { server, requests, client, nats } = await startByRole({
      refresh: { perRole: true, ahead: { fraction: 0.4, jitter: 0 } },
      lifetimeMs: 2_600,
    });
    const moved: string[] = [];
    nats.on('rotated', ({ role, outcome, trigger }) => moved.push(`${role} ${trigger} ${outcome}`));
    await isBack(client);
    await eventually(() => new Set(moved).size === 2 && moved.length >= 2, { what: 'both to move' });
    expect([...new Set(moved)].sort()).toEqual(['client expiring success', 'server expiring success']);
    expect(await usersOf(server)).toEqual(BY_ROLE);
    expect(requests.filter(({ reason }) => reason === 'expiring').map(({ role }) => role)).not.toContain(
      'shared',
    );
  });

  it('asks for each role after a rejection', async () => {
    const { server, requests, client } = await startByRole({
      refresh: { perRole: true, reuse: 1_000 },
      lifetimeMs: 3_600_000,
    });
    await isBack(client);
    await server.reload(CONFIG.replaceAll('secret', 'changed'));
    await eventually(
      () =>
        ['server', 'client'].every((role) =>
          requests.some((one) => one.role === role && one.reason === 'rejected'),
        ),
      { what: 'both to be asked for' },
    );
    await server.reload(CONFIG);
    await isBack(client);
    expect(await usersOf(server)).toEqual(BY_ROLE);
  });
});

describe('user info that both roles may present', () => {
  it('is asked for as shared, once both connect', async () => {
    const { server, requests, client, nats } = await startByRole({});
    await isBack(client);
    expect(await usersOf(server)).toEqual({ server: 'server', client: 'shared' });
    await nats.rotate();
    await server.kill();
    await server.restart();
    await isBack(client);
    expect(await usersOf(server)).toEqual({ server: 'shared', client: 'shared' });
    expect(requests.slice(1).map(({ role }) => role)).not.toContain('server');
    expect(requests.map(({ role }) => role)).not.toContain('client');
  });
});
