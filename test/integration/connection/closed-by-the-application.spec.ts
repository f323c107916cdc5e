import { NestFactory } from '@nestjs/core';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  NatsAuthClient,
  NatsAuthHealthIndicator,
  NatsAuthModule,
  NatsAuthService,
  type UserInfoRequest,
} from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { Registry } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';

/** An application that uses its client and its connection; user info lives for two seconds. */
async function start() {
  const server = await serverForTest();
  const requests: UserInfoRequest[] = [];
  const registry = new Registry();
  const module = NatsAuthModule.forRoot({
    connection: { servers: server.url },
    metrics: { registry },
    refresh: { ahead: { fraction: 0.5, jitter: 0 } },
    userInfoProvider: {
      getUserInfo: (request) => {
        requests.push(request);
        return { user: 'svc', pass: 'secret', expiresAt: Date.now() + 2_000 };
      },
    },
  });
  const app = await NestFactory.createApplicationContext(module, { logger: false });
  onTestFinished(() => app.close());
  const nats = app.get(NatsAuthService);
  const gauge = async (name: string) => {
    const { values = [] } = (await registry.getSingleMetric(`nats_auth_${name}`)?.get()) ?? {};
    return values.find(({ labels }) => labels['role'] === 'connection')?.value;
  };
  return { server, requests, app, nats, nc: await nats.connection<NatsConnection>(), gauge };
}

describe.each(['close', 'drain'] as const)('nc.%s() of an injected connection', (how) => {
  it('ends its role: nothing dials it again, and nobody takes that for a fault', async () => {
    const { server, requests, app, nats, nc, gauge } = await start();
    expect(await gauge('connected')).toBe(1);
    expect(await gauge('wanted')).toBe(1);
    const told: string[] = [];
    for (const event of ['disconnected', 'connectFailed', 'rejected', 'closed'] as const)
      nats.on(event, () => told.push(event));
    const closed = nc.closed();
    await nc[how]();
    expect(await closed).toBeUndefined();
    expect(nats.status.connections.connection).toMatchObject({ state: 'closed' });
    expect(nats.status.connections.connection).not.toHaveProperty('lastError');
    expect(nats.health()).toEqual({ state: 'up', problems: [] });
    expect(app.get(NatsAuthHealthIndicator).check()['nats']).toMatchObject({
      state: 'up',
      connection: 'closed',
    });
    expect(told).toEqual(['closed']);
    expect(await gauge('connected')).toBe(0);
    expect(await gauge('wanted')).toBe(0);
    expect(await nats.rotate()).toEqual({ connection: 'closed' });
    await eventually(async () => (await server.connections()).length === 0, {
      what: 'its socket to be gone',
    });

    // The rest of the registration goes on, and keeps nothing fresh for what is closed.
    const calls = requests.length;
    const client = app.get(NatsAuthClient);
    await client.connect();
    await eventually(() => requests.length >= calls + 2, { what: 'a refresh ahead of expiry' });
    expect(nats.status.connections.connection).toMatchObject({ state: 'closed' });
    // During a handover of the client there are two.
    await eventually(async () => (await server.connections()).length === 1, { what: 'the client alone' });
    expect(await nats.connection()).toBe(nc);
    expect(() => nc.publish('late')).toThrow();
    await app.close();
    expect(told.filter((event) => event !== 'closed')).toEqual([]);
  });
});
