import { Counter, type OpenMetricsContentType, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';

import { expose } from './exposition.js';
import { newRegistry, startRegistration } from './prom-client.fixture.js';

const PROMETHEUS = 'text/plain; version=0.0.4; charset=utf-8';
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

function registryWith(name: string): Registry {
  const registry = newRegistry();
  new Counter({ name, help: 'A counter', registers: [registry] }).inc(3);
  return registry;
}

describe('the format', () => {
  it.each([
    [undefined, PROMETHEUS],
    ['*/*', PROMETHEUS],
    ['text/plain', PROMETHEUS],
    ['application/openmetrics-text; version=1.0.0', OPENMETRICS],
    // What Prometheus sends.
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      OPENMETRICS,
    ],
    ['text/plain;version=0.0.4;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5', PROMETHEUS],
    ['application/openmetrics-text;q=0,text/plain', PROMETHEUS],
  ])('for Accept %s is %s', async (accept, contentType) => {
    expect((await expose([registryWith('orders_total')], accept)).contentType).toBe(contentType);
  });

  it('is OpenMetrics when the application made its registry so', async () => {
    const registry = new Registry<OpenMetricsContentType>();
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] });
    expect(await expose([registry])).toEqual({
      contentType: OPENMETRICS,
      body: '# HELP orders Orders\n# TYPE orders counter\norders_total 0\n# EOF\n',
    });
  });
});

describe('a scrape as OpenMetrics', () => {
  it("leaves the registry's format and its names as they are", async () => {
    const registry = registryWith('orders_total');
    startRegistration(registry);
    const before = await registry.metrics();
    await expose([registry], OPENMETRICS);
    expect(await registry.metrics()).toBe(before);
    expect(before).toContain('# TYPE nats_auth_refreshes_total counter');
    expect(registry.contentType).toBe(PROMETHEUS);
  });

  it('has the default labels that the application gave its registry', async () => {
    const registry = registryWith('orders_total');
    registry.setDefaultLabels({ app: 'shop' });
    const { body } = await expose([registry], OPENMETRICS);
    expect(body).toContain('orders_total{app="shop"} 3\n');
  });

  it('has what metrics collect when they are read', async () => {
    const registry = newRegistry();
    new Counter({
      name: 'read_total',
      help: 'Reads',
      registers: [registry],
      collect() {
        this.inc();
      },
    });
    await expose([registry], OPENMETRICS);
    expect((await expose([registry], OPENMETRICS)).body).toContain('read_total 2\n');
  });
});

describe('several registries', () => {
  it.each([PROMETHEUS, OPENMETRICS])('are served as one, as %s', async (accept) => {
    const { body } = await expose([registryWith('orders_total'), registryWith('refunds_total')], accept);
    expect(body).toContain('orders_total 3\n');
    expect(body).toContain('refunds_total 3\n');
    expect(body.match(/# EOF/g) ?? []).toHaveLength(accept === OPENMETRICS ? 1 : 0);
    expect(body.endsWith(accept === OPENMETRICS ? '\n# EOF\n' : '3\n')).toBe(true);
  });
});
