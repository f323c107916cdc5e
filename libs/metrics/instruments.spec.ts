import { Counter, Gauge } from 'prom-client';
import { describe, expect, it } from 'vitest';

import { createInstruments, createSeries } from './instruments.js';
import { newRegistry, nonZero, prometheus, seriesOf, startRegistration } from './prom-client.fixture.js';

const connected = {
  connection: 'default',
  role: 'server',
  kind: 'initial',
  server: '127.0.0.1:4222',
  userInfo: { kind: 'user', resolvedAt: 1_000, expiresAt: 2_000_000 },
} as const;
const refreshed = {
  connection: 'default',
  role: 'server',
  reason: 'connect',
  attempt: 1,
  durationMs: 10,
  userInfo: connected.userInfo,
} as const;

/** How many combinations of the enumerated labels each metric has; a histogram's are counted once. */
const COMBINATIONS = {
  refreshes_total: 6,
  refresh_failures_total: 6 * 4,
  refresh_duration_seconds_count: 2,
  reuses_total: 3,
  rejections_total: 2 * 6,
  connects_total: 2 * 3,
  connected: 2,
  rotations_total: 2 * 2 * 2,
  rotation_duration_seconds_count: 2 * 2,
  credential_age_at_rotation_seconds_count: 5,
  credential_expiry_timestamp_seconds: 1,
  last_refresh_timestamp_seconds: 1,
};

describe('the series of a registration', () => {
  it('are all there from the start, with 0', async () => {
    const registry = newRegistry();
    startRegistration(registry, 'orders');
    const series = [...(await seriesOf(registry))];
    expect(series.every(([name, value]) => value === 0 && name.includes('connection="orders"'))).toBe(true);
    const names = series
      .map(([name]) => (name.split('{')[0] ?? '').replace('nats_auth_', ''))
      .filter((name) => !/_(bucket|sum)$/.test(name));
    const counts: Record<string, number> = {};
    for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
    expect(counts).toEqual(COMBINATIONS);
  });

  it('grow no further when it connects, refreshes, reuses and closes', async () => {
    const registry = newRegistry();
    const { events } = startRegistration(registry);
    const before = [...(await seriesOf(registry)).keys()].sort();
    events.emit('connected', connected);
    events.emit('refreshed', refreshed);
    events.emit('reused', { connection: 'default', role: 'server', kind: 'stale' });
    events.emit('closed', { connection: 'default', role: 'server' });
    expect([...(await seriesOf(registry)).keys()].sort()).toEqual(before);
  });

  it('stay as they are when another registration of that name starts', async () => {
    const registry = newRegistry();
    const { events } = startRegistration(registry);
    events.emit('refreshed', refreshed);
    events.emit('connected', connected);
    const before = await nonZero(registry);
    expect(before).toMatchObject({
      'refreshes_total{reason="connect"}': 1,
      'refresh_duration_seconds_count{outcome="success"}': 1,
      'connected{role="server"}': 1,
      credential_expiry_timestamp_seconds: 2_000,
      last_refresh_timestamp_seconds: 1,
    });
    startRegistration(registry);
    expect(await nonZero(registry)).toEqual(before);
  });

  it('come back when a test has cleared or reset the registry', async () => {
    const registry = newRegistry();
    startRegistration(registry);
    const all = [...(await seriesOf(registry)).keys()];
    registry.resetMetrics();
    startRegistration(registry);
    expect([...(await seriesOf(registry)).keys()]).toEqual(all);
    registry.clear();
    startRegistration(registry);
    expect([...(await seriesOf(registry)).keys()]).toEqual(all);
  });
});

describe('the instruments', () => {
  it('have the prefix that was chosen', async () => {
    const registry = newRegistry();
    createSeries(createInstruments(prometheus, registry, 'shop_'), 'default');
    expect([...(await seriesOf(registry)).keys()].every((name) => name.startsWith('shop_'))).toBe(true);
  });

  it('are added to what the registry has, and change none of it', async () => {
    const registry = newRegistry();
    new Counter({ name: 'orders_total', help: 'Orders', registers: [registry] }).inc(2);
    registry.setDefaultLabels({ app: 'shop' });
    startRegistration(registry);
    const series = await seriesOf(registry);
    expect(series.get('orders_total{app="shop"}')).toBe(2);
    expect(series.get('nats_auth_connected{connection="default",role="server",app="shop"}')).toBe(0);
  });

  it.each([
    ['of another type', 'connected', Counter, ['connection', 'role']],
    ['with other labels', 'connected', Gauge, ['connection']],
  ] as const)('refuse a name that is taken by a metric %s', (_, name, Metric, labelNames) => {
    const registry = newRegistry();
    new Metric({ name: `nats_auth_${name}`, help: 'Of others', labelNames, registers: [registry] });
    expect(() => createInstruments(prometheus, registry, 'nats_auth_')).toThrow(
      /'nats_auth_connected' is a (counter|gauge) with the labels 'connection/,
    );
  });
});
