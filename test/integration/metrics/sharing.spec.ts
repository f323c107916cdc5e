import { Controller, type DynamicModule, type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import {
  getNatsAuthClientToken,
  type MetricsOptions,
  NatsAuthClient,
  NatsAuthModule,
  natsAuthTransport,
} from 'nestjs-nats-auth';
import {
  freePort,
  type NatsServer,
  ScriptedUserInfoProvider,
  startNatsServer,
} from 'nestjs-nats-auth/testing';
import { Counter, register, Registry } from 'prom-client';
import { firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';

import { appModule } from '../nest/app.js';
import { scrape, value } from './scrape.js';

let server: NatsServer;
beforeAll(async () => (server = await startNatsServer()));
afterAll(() => server.stop());
beforeEach(() => register.clear());

const options = (metrics: MetricsOptions | undefined, name?: string) => ({
  name,
  connection: { servers: server.url },
  userInfoProvider: new ScriptedUserInfoProvider({ user: 'anybody', pass: 'anything' }),
  metrics,
});

@Controller()
class Pings {
  @MessagePattern('ping')
  ping() {
    return 'pong';
  }
}

/** An HTTP application with these modules, at the URL that is returned. */
async function startHttpApp(...imports: DynamicModule[]): Promise<{ url: string; app: INestApplication }> {
  @Module({ imports })
  class AppModule {}
  const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
  onTestFinished(() => app.close());
  await app.listen(await freePort(), '127.0.0.1');
  return { url: await app.getUrl(), app };
}

/** Two registrations in one module. */
const two = (orders: MetricsOptions, stock: MetricsOptions): DynamicModule[] => [
  NatsAuthModule.forRoot(options(orders, 'orders')),
  NatsAuthModule.forRoot(options(stock, 'stock')),
];

describe('two registrations of one application', () => {
  const connectedSeries = (name: string) => `nats_auth_connected{connection="${name}",role="client"}`;

  it('share a path and tell apart who is connected', async () => {
    const metrics = { path: '/metrics', registry: new Registry() };
    const { url, app } = await startHttpApp(...two(metrics, metrics));
    await app.get<NatsAuthClient>(getNatsAuthClientToken('orders')).connect();
    const { text } = await scrape(`${url}/metrics`);
    expect(value(text, connectedSeries('orders'))).toBe(1);
    expect(value(text, connectedSeries('stock'))).toBe(0);
    expect(text.match(/# TYPE nats_auth_connected gauge/g)).toHaveLength(1);
  });

  it('share a port, each with a path of its own', async () => {
    const port = await freePort();
    await startHttpApp(
      ...two(
        { port, path: '/orders', registry: new Registry() },
        { port, path: '/stock', registry: new Registry() },
      ),
    );
    for (const [path, other] of [
      ['orders', 'stock'],
      ['stock', 'orders'],
    ] as const) {
      const { text } = await scrape(`http://127.0.0.1:${port}/${path}`);
      expect(value(text, connectedSeries(path))).toBe(0);
      expect(value(text, connectedSeries(other))).toBeUndefined();
    }
  });

  it('share a path with two registries, when their prefixes differ', async () => {
    const place = { path: '/metrics' };
    const { url } = await startHttpApp(
      ...two(
        { ...place, registry: new Registry(), prefix: 'a_' },
        { ...place, registry: new Registry(), prefix: 'b_' },
      ),
    );
    const { text } = await scrape(`${url}/metrics`, 'application/openmetrics-text');
    expect(value(text, 'a_connected{connection="orders",role="client"}')).toBe(0);
    expect(value(text, 'b_connected{connection="stock",role="client"}')).toBe(0);
  });

  it('that would serve one name of two registries are refused at start', async () => {
    const place = { path: '/metrics' };
    await expect(
      startHttpApp(...two({ ...place, registry: new Registry() }, { ...place, registry: new Registry() })),
    ).rejects.toThrow(`Option 'metrics.registry': '/metrics' would serve 'nats_auth_refreshes_total' of two`);
  });
});

describe('two instances of one module', () => {
  it('in one registry count together, and the one that stays is connected after the other has closed', async () => {
    const registry = new Registry();
    const apps = await Promise.all(
      [1, 2].map(() =>
        NestFactory.createApplicationContext(appModule(options({ registry })), { logger: false }),
      ),
    );
    onTestFinished(async () => {
      await Promise.all(apps.map((app) => app.close()));
    });
    const now = async (series: string) => value(await registry.metrics(), `nats_auth_${series}`);
    for (const app of apps) await app.get(NatsAuthClient).connect();
    expect(await now('connects_total{connection="default",role="client",kind="initial"}')).toBe(2);
    expect(await now('connected{connection="default",role="client"}')).toBe(1);
    await apps[0]?.close();
    expect(await now('connected{connection="default",role="client"}')).toBe(1);
    await apps[1]?.close();
    expect(await now('connected{connection="default",role="client"}')).toBe(0);
  });
});

describe('an application with @willsoto/nestjs-prometheus', () => {
  it('finds our metrics in its endpoint, beside its own', async () => {
    new Counter({ name: 'orders_total', help: 'Orders' }).inc(3);
    const { url } = await startHttpApp(
      PrometheusModule.register({ defaultLabels: { app: 'shop' } }),
      NatsAuthModule.forRoot(options(undefined, 'orders')),
      NatsAuthModule.forRoot(options({ path: '/nats-metrics' }, 'stock')),
    );
    onTestFinished(() => register.setDefaultLabels({}));
    for (const path of ['metrics', 'nats-metrics']) {
      const { text } = await scrape(`${url}/${path}`);
      expect(value(text, 'orders_total{app="shop"}')).toBe(3);
      expect(value(text, 'process_cpu_seconds_total{app="shop"}')).toBeGreaterThan(0);
      expect(value(text, 'nats_auth_connected{connection="orders",role="client",app="shop"}')).toBe(0);
      expect(value(text, 'nats_auth_connected{connection="stock",role="client",app="shop"}')).toBe(0);
    }
  });
});

describe('a service', () => {
  it('answers while every one of its metrics throws', async () => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    onTestFinished(() => warned.mockRestore());
    const registry = new Registry();
    const module = appModule(options({ registry }), { controllers: [Pings] });
    const app = await NestFactory.createMicroservice(module, { ...natsAuthTransport(), logger: false });
    onTestFinished(() => app.close());
    for (const metric of registry.getMetricsAsArray()) {
      const broken = () => {
        throw new Error('broken metric');
      };
      Object.assign(metric, { inc: broken, set: broken, observe: broken });
    }
    await app.listen();
    expect(await firstValueFrom(app.get(NatsAuthClient).send('ping', {}))).toBe('pong');
    expect(warned.mock.calls.some(([warning]) => String(warning).includes('broken metric'))).toBe(true);
  });

  it('without an HTTP server says that metrics.path is not served, and starts', async () => {
    const warnings: string[] = [];
    const logger = { log: () => {}, error: () => {}, warn: (message: string) => void warnings.push(message) };
    const module = appModule(options({ path: '/metrics', registry: new Registry() }));
    const app = await NestFactory.createMicroservice(module, { ...natsAuthTransport(), logger });
    onTestFinished(() => app.close());
    await app.listen();
    expect(warnings).toContain(
      `metrics.path '/metrics' is not served: this application has no HTTP server; give metrics.port.`,
    );
  });
});
