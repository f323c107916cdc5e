import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import {
  NatsAuthClient,
  NatsAuthHealthIndicator,
  type NatsAuthModuleOptions,
  NatsAuthService,
  type Role,
} from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { Registry } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';

import { startFaultProxy } from '../../support/fault-proxy.js';
import { serverForTest } from '../../support/server-for-test.js';
import { startService } from '../nest/app.js';

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(data: unknown) {
    return data;
  }
}

/** Each change of a role with what status, health and gauge say at that moment. */
async function observed(connection: NonNullable<NatsAuthModuleOptions['connection']>) {
  const registry = new Registry();
  const told: string[] = [];
  const untrue: string[] = [];
  const app = await startService(
    {
      connection: { reconnectTimeWait: 20, ...connection },
      metrics: { registry },
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    },
    {
      controllers: [EchoController],
      providers: [
        {
          provide: 'listener',
          inject: [NatsAuthService, NatsAuthHealthIndicator],
          useFactory: (nats: NatsAuthService, health: NatsAuthHealthIndicator) => {
            const look = (event: string, role: Role, expected: string) => {
              told.push(`${role} ${event}`);
              const { state } = nats.status.connections[role] ?? {};
              const healthSays = health.check()['nats']?.[role];
              if (state !== expected || healthSays !== expected)
                untrue.push(`${role} ${event}: status ${state}, health ${healthSays}`);
              // Its series is asked for at once: a gauge is read as it is.
              gaugeNow(registry, role).then(
                (value) => {
                  if (value !== (expected === 'connected' ? 1 : 0))
                    untrue.push(`${role} ${event}: gauge ${value}`);
                },
                (error: unknown) => untrue.push(String(error)),
              );
            };
            nats.on('connected', ({ role }) => look('connected', role, 'connected'));
            nats.on('disconnected', ({ role }) => look('disconnected', role, 'disconnected'));
          },
        },
      ],
    },
  );
  return { app, told, untrue };
}

async function gaugeNow(registry: Registry, role: string): Promise<number | undefined> {
  const { values = [] } = (await registry.getSingleMetric('nats_auth_connected')?.get()) ?? {};
  return values.find(({ labels }) => labels['role'] === role)?.value;
}

describe('status, health, gauge and event say the same at the same moment', () => {
  it('at the first connect, a reconnect and a rotation', async () => {
    const server = await serverForTest({
      config: 'authorization { users: [ { user: svc, password: secret } ] }\n',
    });
    const { app, told, untrue } = await observed({ servers: server.url });
    const nats = app.get(NatsAuthService);
    await app.get(NatsAuthClient).connect();
    const upAgain = () => told.filter((of) => of.endsWith(' connected')).length;
    await server.kill();
    await server.restart();
    await eventually(() => upAgain() === 4, { what: 'both roles to reconnect' });
    await nats.rotate();
    expect(upAgain()).toBe(6);
    expect(untrue).toEqual([]);
  });

  it('is not connected before the server has the subscriptions, after a reconnect either', async () => {
    const server = await serverForTest({
      config: 'authorization { users: [ { user: svc, password: secret } ] }\n',
    });
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    const { app, told, untrue } = await observed({ servers: proxy.url });
    const nats = app.get(NatsAuthService);
    let subscribed: string[] = [];
    nats.on('connected', ({ role }) => {
      if (role !== 'server') return;
      // By the server's own count: it was asked before anything else could happen.
      void server
        .connections()
        .then((all) => (subscribed = all.flatMap((of) => of.subscriptions_list ?? [])));
    });
    proxy.breakOpen('reset');
    await eventually(() => subscribed.length > 0, { what: 'the server to list subscriptions' });
    expect(subscribed).toContain('echo');
    expect(told).toEqual(['server connected', 'server disconnected', 'server connected']);
    expect(untrue).toEqual([]);
  });
});
