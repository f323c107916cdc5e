import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  InjectNatsAuthConnection,
  NatsAuthHealthIndicator,
  NatsAuthModule,
  NatsAuthService,
  type UserInfo,
} from 'nestjs-nats-auth';
import { eventually, freePort, ScriptedUserInfoProvider } from 'nestjs-nats-auth/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { startAndClose } from '../nest/app.js';

const CONFIG = 'authorization { users: [ { user: svc, password: secret } ] }\n';
const GOOD: UserInfo = { user: 'svc', pass: 'secret' };
const WRONG: UserInfo = { user: 'svc', pass: 'guess' };

/** How many timers keep this process alive. */
const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

/** Its user info expires in an hour: the refresh ahead of that needs a timer. */
function registration(name: string, servers: string, userInfo: UserInfo) {
  const expiresAt = Date.now() + 3_600_000;
  return NatsAuthModule.forRoot({
    name,
    connection: { servers },
    isGlobal: true,
    rejection: { maxOnConnect: 2 },
    userInfoProvider: new ScriptedUserInfoProvider({ ...userInfo, expiresAt }),
  });
}

describe('a start whose injected connection cannot be opened', () => {
  it.each([
    ['is rejected', async () => serverForTest({ config: CONFIG }), 'Authorization Violation'],
    ['finds no server', () => undefined, 'connection refused'],
  ])('fails with the reason when it %s, and leaves nothing open', async (_, place, reason) => {
    const server = await place();
    const url = server?.url ?? `nats://127.0.0.1:${await freePort()}`;
    @Injectable()
    class Orders {
      constructor(@InjectNatsAuthConnection('orders') readonly nc: NatsConnection) {}
    }
    @Module({ imports: [registration('orders', url, WRONG)], providers: [Orders] })
    class AppModule {}
    const before = timers();
    await expect(startAndClose(AppModule)).rejects.toThrow(reason);
    expect(timers()).toBeLessThanOrEqual(before);
    expect((await server?.connections()) ?? []).toEqual([]);
  });

  it('closes what other registrations have opened meanwhile', async () => {
    const [good, bad] = [await serverForTest({ config: CONFIG }), await serverForTest({ config: CONFIG })];
    @Injectable()
    class Orders {
      constructor(
        @InjectNatsAuthConnection('stock') readonly stock: NatsConnection,
        @InjectNatsAuthConnection('orders') readonly orders: NatsConnection,
      ) {}
    }
    const slow = new ScriptedUserInfoProvider(WRONG).thenDelays(300, WRONG);
    const orders = NatsAuthModule.forRoot({
      name: 'orders',
      connection: { servers: bad.url },
      isGlobal: true,
      rejection: { maxOnConnect: 1 },
      userInfoProvider: slow,
    });
    @Module({ imports: [registration('stock', good.url, GOOD), orders], providers: [Orders] })
    class AppModule {}
    const before = timers();
    const starting = startAndClose(AppModule);
    starting.catch(() => {});
    await eventually(async () => (await good.connections()).length === 1, { what: 'the other connection' });
    await expect(starting).rejects.toMatchObject({ code: 'REJECTED' });
    await eventually(async () => (await good.connections()).length === 0, { what: 'its close' });
    expect(timers()).toBeLessThanOrEqual(before);
  });
});

it('a connection that could not be opened while the application runs is told, and opened by the next call', async () => {
  const server = await serverForTest({ config: CONFIG });
  const provider = new ScriptedUserInfoProvider(GOOD).thenReturns(WRONG);
  const module = NatsAuthModule.forRoot({
    connection: { servers: server.url },
    rejection: { maxOnConnect: 1 },
    userInfoProvider: provider,
  });
  const app = await NestFactory.createApplicationContext(module, { logger: false });
  onTestFinished(() => app.close());
  const nats = app.get(NatsAuthService);
  await expect(nats.connection()).rejects.toMatchObject({ code: 'REJECTED' });
  expect(nats.status.connections.connection).toMatchObject({ state: 'closed' });
  expect(nats.health()).toMatchObject({
    state: 'degraded',
    problems: [{ condition: 'connectFailed', role: 'connection' }],
  });
  const nc = await nats.connection<NatsConnection>();
  await nc.flush();
  expect(app.get(NatsAuthHealthIndicator).check()['nats']).toEqual({
    status: 'up',
    state: 'up',
    connection: 'connected',
  });
});
