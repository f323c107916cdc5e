import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NatsAuthService } from 'nestjs-nats-auth';
import {
  type MetricsOptions,
  NatsAuthClient,
  type NatsAuthModuleOptions,
  natsAuthTransport,
} from 'nestjs-nats-auth';
import {
  eventually,
  freePort,
  type NatsServer,
  ScriptedUserInfoProvider,
  startNatsServer,
} from 'nestjs-nats-auth/testing';
import { Counter, register, Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { appModule } from '../nest/app.js';
import { scrape, value } from './scrape.js';

const config = (pass: string) => `authorization { users: [ { user: svc, password: "${pass}" } ] }\n`;
let server: NatsServer;
beforeAll(async () => (server = await startNatsServer({ config: config('secret') })));
afterAll(() => server.stop());

const provider = () => new ScriptedUserInfoProvider({ user: 'svc', pass: 'secret' });
const registration = (
  metrics: MetricsOptions | false,
  more: Partial<NatsAuthModuleOptions> = {},
): NatsAuthModuleOptions => ({
  connection: { servers: server.url, reconnectTimeWait: 20 },
  userInfoProvider: provider(),
  metrics,
  ...more,
});

describe.each([
  [
    'Express',
    (module: Parameters<typeof NestFactory.create>[0]) => NestFactory.create(module, { logger: false }),
  ],
  [
    'Fastify',
    (module: Parameters<typeof NestFactory.create>[0]) =>
      NestFactory.create(module, new FastifyAdapter(), { logger: false }),
  ],
])('under %s', (_name, create) => {
  it('metrics.path serves the registry, as OpenMetrics on request', async () => {
    const registry = new Registry();
    const own = new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] });
    own.inc(3);
    const app: INestApplication = await create(appModule(registration({ path: '/metrics', registry })));
    onTestFinished(() => app.close());
    await app.listen(await freePort(), '127.0.0.1');
    await app.get(NatsAuthClient).connect();
    const url = `${await app.getUrl()}/metrics`;
    const plain = await scrape(url);
    expect(plain.type).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(value(plain.text, 'orders_total')).toBe(3);
    expect(value(plain.text, 'nats_auth_connected{connection="default",role="client"}')).toBe(1);
    expect(value(plain.text, 'nats_auth_refreshes_total{connection="default",reason="connect"}')).toBe(1);
    const open = await scrape(url, 'application/openmetrics-text; version=1.0.0');
    expect(open.type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(open.text.trimEnd().endsWith('# EOF')).toBe(true);
    expect((await scrape(url)).text, 'plain again, after OpenMetrics').toBe(plain.text);
    expect(registry.contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  });
});

describe('metrics.port', () => {
  it('serves a pure microservice on the loopback address, and is closed on shutdown', async () => {
    const port = await freePort();
    const module = appModule(registration({ port, registry: new Registry() }));
    const app = await NestFactory.createMicroservice(module, { ...natsAuthTransport(), logger: false });
    // NestJS 12 initializes a microservice twice then.
    await app.init();
    await app.listen();
    const { text } = await scrape(`http://127.0.0.1:${port}/metrics`);
    expect(value(text, 'nats_auth_connects_total{connection="default",role="server",kind="initial"}')).toBe(
      1,
    );
    const statusOf = async (path: string, method: string) =>
      (await fetch(`http://127.0.0.1:${port}${path}`, { method })).status;
    expect(await statusOf('/metrics?name=x', 'HEAD')).toBe(200);
    expect(await statusOf('/', 'GET')).toBe(404);
    expect(await statusOf('/metrics', 'POST')).toBe(405);
    await app.close();
    await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
  });

  it('listens at metrics.path, when that is given beside it', async () => {
    const port = await freePort();
    const module = appModule(registration({ port, path: '/internal/metrics', registry: new Registry() }));
    const app = await NestFactory.createMicroservice(module, { ...natsAuthTransport(), logger: false });
    onTestFinished(() => app.close());
    await app.listen();
    expect((await scrape(`http://127.0.0.1:${port}/internal/metrics`)).text).toContain('nats_auth_connected');
  });

  it('on an address that this machine lacks is an error at start that names metrics.host', async () => {
    const options = registration({ port: await freePort(), host: '192.0.2.1', registry: new Registry() });
    const app = await NestFactory.create(appModule(options), { logger: false });
    onTestFinished(() => app.close());
    await expect(app.init()).rejects.toThrow(
      `Option 'metrics.host': this machine has no address '192.0.2.1'.`,
    );
  });

  it('that is in use is an error at start that names it', async () => {
    const port = Number(new URL(server.monitorUrl).port);
    const app = await NestFactory.create(appModule(registration({ port, registry: new Registry() })), {
      logger: false,
    });
    onTestFinished(() => app.close());
    await expect(app.init()).rejects.toThrow(`Option 'metrics.port': port ${port} of 127.0.0.1 is in use`);
  });
});

describe('the series', () => {
  it('count what happened, and exist with 0 before it does', async () => {
    const registry = new Registry();
    const scripted = provider();
    const app = await NestFactory.createApplicationContext(
      appModule(registration({ registry }, { userInfoProvider: scripted, name: 'orders' })),
      { logger: false },
    );
    onTestFinished(() => app.close());
    const series = async (name: string) => value(await registry.metrics(), `nats_auth_${name}`);
    expect(await series('rejections_total{connection="orders",role="client",error="revoked"}')).toBe(0);
    expect(
      await series('refresh_failures_total{connection="orders",reason="rejected",cause="timeout"}'),
    ).toBe(0);
    expect(
      await series('rotation_duration_seconds_count{connection="orders",role="server",mode="handover"}'),
    ).toBe(0);

    const { getNatsAuthClientToken, getNatsAuthServiceToken } = await import('nestjs-nats-auth');
    await app.get<NatsAuthClient>(getNatsAuthClientToken('orders')).connect();
    await app.get<NatsAuthService>(getNatsAuthServiceToken('orders')).rotate();
    expect(
      await series('rotations_total{connection="orders",role="client",mode="handover",outcome="success"}'),
    ).toBe(1);
    expect(await series('connects_total{connection="orders",role="client",kind="handover"}')).toBe(1);
    expect(
      await series('credential_age_at_rotation_seconds_count{connection="orders",trigger="manual"}'),
    ).toBe(1);
    expect(await series('connected{connection="orders",role="client"}')).toBe(1);

    scripted.setDefault({ user: 'svc', pass: 'changed' }).thenFails(new Error('IAM is down'), 2);
    await server.reload(config('changed'));
    await eventually(
      async () => (await series('connects_total{connection="orders",role="client",kind="reconnect"}')) === 1,
      { what: 'the reconnect' },
    );
    await server.reload(config('secret'));
    expect(await series('refresh_failures_total{connection="orders",reason="rejected",cause="error"}')).toBe(
      2,
    );
    expect(
      await series('rejections_total{connection="orders",role="client",error="violation"}'),
    ).toBeGreaterThanOrEqual(1);
    expect(
      await series('credential_age_at_rotation_seconds_count{connection="orders",trigger="rejected"}'),
    ).toBe(1);
    await app.close();
    expect(await series('connected{connection="orders",role="client"}')).toBe(0);
  });

  it('are shared by registrations and by modules that start again, and none counts twice', async () => {
    const registry = new Registry();
    for (let start = 1; start <= 3; start++) {
      const app = await NestFactory.createApplicationContext(appModule(registration({ registry })), {
        logger: false,
      });
      await app.get(NatsAuthClient).connect();
      await app.close();
      expect(
        value(await registry.metrics(), 'nats_auth_refreshes_total{connection="default",reason="connect"}'),
      ).toBe(start);
    }
  });

  it('are not in the default registry with metrics: false, and are there else', async () => {
    register.clear();
    onTestFinished(() => register.clear());
    const defaultRegistryWith = async (metrics: MetricsOptions | false) => {
      const module = appModule(registration(metrics));
      const app = await NestFactory.createApplicationContext(module, { logger: false });
      onTestFinished(() => app.close());
      await app.get(NatsAuthClient).connect();
      return register.metrics();
    };
    expect(await defaultRegistryWith(false)).not.toContain('nats_auth');
    expect(await defaultRegistryWith({})).toContain('nats_auth');
  });

  it('whose name is taken are an error at start', async () => {
    const registry = new Registry();
    new Counter({
      name: 'nats_auth_connects_total',
      help: 'of somebody else',
      registers: [registry],
      labelNames: ['unlike'],
    });
    const start = NestFactory.createApplicationContext(appModule(registration({ registry })), {
      logger: false,
      abortOnError: false,
    });
    await expect(start).rejects.toThrow(/'metrics.prefix': the registry has another metric/);
  });
});
