import { NestFactory } from '@nestjs/core';
import {
  NatsAuthClient,
  NatsAuthHealthIndicator,
  type NatsAuthModuleOptions,
  NatsAuthServer,
  natsAuthTransport,
} from 'nestjs-nats-auth';
import { eventually, ScriptedUserInfoProvider } from 'nestjs-nats-auth/testing';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { appModule } from '../nest/app.js';

const AN_HOUR = 3_600_000;
const SVC = { user: 'svc', pass: 'secret' };

describe('a health check of a client that connects when it is needed', () => {
  it('gives its first connect the whole grace time, however old the service is', async () => {
    const server = await serverForTest();
    const { client, health, afterAnHour } = await start({
      connection: { servers: server.url },
      userInfoProvider: { useValue: new ScriptedUserInfoProvider(SVC).thenHangs() },
    });
    afterAnHour();
    expect(health()).toEqual({ status: 'up', state: 'up' });
    const connecting = client.connect().catch(String);
    await eventually(() => health()?.client === 'connecting', { what: 'the first connect' });
    expect(health()).toEqual({ status: 'up', state: 'up', client: 'connecting' });
    afterAnHour();
    expect(health()).toMatchObject({ status: 'down', client: 'connecting' });
    await client.close();
    await connecting;
  });

  it('is up when the application has closed it', async () => {
    const server = await serverForTest();
    const { client, health, afterAnHour } = await start(optionsFor(server.url));
    await client.connect();
    await client.close();
    afterAnHour();
    expect(health()).toEqual({ status: 'up', state: 'up', client: 'closed' });
    await client.connect();
    expect(health()).toEqual({ status: 'up', state: 'up', client: 'connected' });
    await server.kill();
    await eventually(() => health()?.client === 'disconnected', { what: 'the outage' });
    afterAnHour();
    expect(health()).toMatchObject({ status: 'down', client: 'disconnected' });
  });

  it('is degraded while one first connect after another fails: without traffic there would be no further one', async () => {
    const server = await serverForTest();
    await server.kill();
    const { client, health, afterAnHour } = await start(optionsFor(server.url));
    await expect(client.connect()).rejects.toThrow();
    afterAnHour();
    expect(health()).toMatchObject({
      status: 'up',
      state: 'degraded',
      reason: 'the client connection could not be opened, first 60 min ago; the next call tries again',
      client: 'closed',
    });
    await expect(client.connect()).rejects.toThrow();
    expect(health()).toMatchObject({ state: 'degraded', client: 'closed' });
    await server.restart();
    await client.connect();
    expect(health()).toEqual({ status: 'up', state: 'up', client: 'connected' });
  });
});

it('a health check is up when the application has closed its server, too', async () => {
  const server = await serverForTest();
  const app = await NestFactory.create(appModule(optionsFor(server.url)), { logger: false });
  onTestFinished(() => app.close());
  app.connectMicroservice(natsAuthTransport());
  await app.startAllMicroservices();
  await app.get(NatsAuthServer).close();
  expect(app.get(NatsAuthHealthIndicator).check('nats', { graceTime: 0 })).toEqual({
    nats: { status: 'up', state: 'up', server: 'closed' },
  });
});

function optionsFor(servers: string): NatsAuthModuleOptions {
  return { connection: { servers }, userInfoProvider: { useValue: { getUserInfo: () => SVC } } };
}

async function start(options: NatsAuthModuleOptions) {
  const app = await NestFactory.createApplicationContext(appModule(options), { logger: false });
  onTestFinished(() => app.close());
  const indicator = app.get(NatsAuthHealthIndicator);
  const realNow = performance.now.bind(performance);
  let later = 0;
  const now = vi.spyOn(performance, 'now').mockImplementation(() => realNow() + later);
  onTestFinished(() => now.mockRestore());
  return {
    client: app.get(NatsAuthClient),
    health: () => indicator.check()['nats'],
    /** An hour goes by, on the clock that nobody sets. */
    afterAnHour: () => {
      later += AN_HOUR;
    },
  };
}
