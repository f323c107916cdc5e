import { Counter, Gauge, Histogram } from 'prom-client';
import { describe, expect, it, vi } from 'vitest';

import { emitEverything } from './every-event.fixture.js';
import { createInstruments, createSeries } from './instruments.js';
import type { Metric } from './metric.js';
import {
  newRegistry,
  nonZero,
  prometheus,
  type Registry,
  seriesOf,
  startRegistration,
} from './prom-client.fixture.js';
import { type MetricName, METRICS } from './table.js';

const ALL = Object.entries<Metric>(METRICS).map(([name, metric]) => ({
  name: name as MetricName,
  ...metric,
}));

/** The labels of each series of a metric, with its value; of a histogram, of its count. */
async function valuesOf(registry: Registry, name: string) {
  const metrics = await registry.getMetricsAsJSON();
  const { values = [] } = metrics.find((metric) => metric.name === `nats_auth_${name}`) ?? {};
  return (values as { labels: Record<string, string>; value: number; metricName?: string }[]).filter(
    ({ metricName }) => metricName?.endsWith('_count') ?? true,
  );
}

const names = async (registry: Registry) => [...(await seriesOf(registry)).keys()].sort();
const started = () => {
  const registry = newRegistry();
  return { registry, ...startRegistration(registry) };
};

describe.each(ALL)('$name', ({ name, type, labels }) => {
  it('has a series for every combination of its values from the start, with 0', async () => {
    const { registry } = started();
    const values = await valuesOf(registry, name);
    const product = Object.values(labels).reduce((size, { length }) => size * length, 1);
    expect(new Set(values.map((one) => JSON.stringify(one.labels))).size).toBe(product);
    expect(values.map(({ value }) => value)).toEqual(Array(product).fill(0));
    for (const { labels: those } of values) {
      expect(Object.keys(those).sort()).toEqual(['connection', ...Object.keys(labels)].sort());
      for (const [label, list] of Object.entries(labels)) expect(list).toContain(those[label]);
    }
  });

  it('has none of them left at 0 when all has happened that can', async () => {
    const { registry, events } = started();
    emitEverything(events);
    const still = (await valuesOf(registry, name)).filter(({ value }) => value === 0);
    expect(still).toEqual([]);
  });

  it('disturbs no other metric, nor whoever emits, when it throws', async () => {
    const [whole, broken] = [started(), started()];
    const record = vi.spyOn(broken.instruments[name], 'record').mockImplementation(() => {
      throw new Error('broken');
    });
    emitEverything(whole.events);
    emitEverything(broken.events);
    const others = async (registry: Registry) =>
      [...(await seriesOf(registry))].filter(([series]) => !series.startsWith(`nats_auth_${name}`));
    expect(await others(broken.registry)).toEqual(await others(whole.registry));
    expect(record).toHaveBeenCalled();
    expect(broken.warnings).toHaveLength(record.mock.calls.length);
  });

  it('is refused when another metric has its name, of another type or with other labels', () => {
    const labelNames = ['connection', ...Object.keys(labels)];
    const make = { counter: Counter, gauge: Gauge, histogram: Histogram };
    const create = (Taken: typeof Counter | typeof Gauge | typeof Histogram, itsLabels: string[]) => {
      const registry = newRegistry();
      new Taken({
        name: `nats_auth_${name}`,
        help: 'Of others',
        labelNames: itsLabels,
        registers: [registry],
      });
      return () => createInstruments(METRICS, prometheus, registry, 'nats_auth_');
    };
    const other = type === 'gauge' ? 'counter' : 'gauge';
    expect(create(make[other], labelNames)).toThrow(`'nats_auth_${name}' is a ${other} with the labels`);
    expect(create(make[type], [...labelNames, 'pod'])).toThrow(
      `'nats_auth_${name}' is a ${type} with the labels '${labelNames.join(`', '`)}', 'pod'`,
    );
    expect(create(make[type], labelNames)).not.toThrow();
  });
});

describe('the series of a registration', () => {
  it('carry its name, and grow no further whatever happens', async () => {
    const registry = newRegistry();
    const { events } = startRegistration(registry, 'orders');
    const before = await names(registry);
    expect(before.filter((name) => !name.includes('connection="orders"'))).toEqual([]);
    emitEverything(events, 'orders');
    for (const role of METRICS.connected.labels.role) {
      events.emit('disconnected', { connection: 'orders', role });
      events.emit('closed', { connection: 'orders', role });
    }
    expect(await names(registry)).toEqual(before);
  });

  it('stay as they are when another registration of that name starts, and count together with it', async () => {
    const { registry, events } = started();
    emitEverything(events);
    const before = await nonZero(registry);
    const second = startRegistration(registry);
    expect(await nonZero(registry)).toEqual(before);
    emitEverything(second.events);
    const after = await nonZero(registry);
    const counted = (series: string) => /_(total|count)(\{|$)/.test(series);
    for (const [series, value] of Object.entries(before))
      expect([series, after[series]]).toEqual([series, counted(series) ? 2 * value : expect.any(Number)]);
  });

  it('are apart from those of a registration with another name', async () => {
    const { registry, events } = started();
    startRegistration(registry, 'stock');
    emitEverything(events);
    const theirs = [...(await seriesOf(registry))].filter(([name]) => name.includes('connection="stock"'));
    expect(theirs).toHaveLength((await seriesOf(registry)).size / 2);
    expect(theirs.filter(([, value]) => value !== 0)).toEqual([]);
  });

  it('come back when a test has cleared or reset the registry', async () => {
    const { registry } = started();
    const all = await names(registry);
    registry.resetMetrics();
    startRegistration(registry);
    expect(await names(registry)).toEqual(all);
    registry.clear();
    expect(await names(registry)).toEqual([]);
    startRegistration(registry);
    expect(await names(registry)).toEqual(all);
  });
});

describe('the instruments', () => {
  it('have the prefix that was chosen', async () => {
    const registry = newRegistry();
    createSeries(METRICS, createInstruments(METRICS, prometheus, registry, 'shop_'), 'default');
    const metrics = await registry.getMetricsAsJSON();
    expect(metrics.map(({ name }) => name)).toEqual(Object.keys(METRICS).map((name) => `shop_${name}`));
  });

  it('are added to what the registry has, and change none of it', async () => {
    const registry = newRegistry();
    new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] }).inc(2);
    registry.setDefaultLabels({ app: 'shop' });
    const { events } = startRegistration(registry);
    emitEverything(events);
    const series = [...(await seriesOf(registry))];
    expect(series).toContainEqual(['orders_total{app="shop"}', 2]);
    expect(series.filter(([name]) => !name.includes('app="shop"'))).toEqual([]);
  });
});
