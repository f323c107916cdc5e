import * as promClient from 'prom-client';

import type { NatsAuthEvents } from '../connection/index.js';
import { Emitter } from '../base/index.js';
import { createInstruments, createSeries, type Instruments, recordEvents } from './instruments.js';
import { type MetricName, METRICS } from './table.js';
import type {
  CounterMetric,
  GaugeMetric,
  HistogramMetric,
  MetricsRegistry,
  Prometheus,
} from './prometheus.js';

/** What prom-client is to us; compiles only while it has what `Prometheus` says. */
export const prometheus = promClient satisfies {
  register: MetricsRegistry;
  Counter: new (configuration: never) => CounterMetric;
  Gauge: new (configuration: never) => GaugeMetric;
  Histogram: new (configuration: never) => HistogramMetric;
} as unknown as Prometheus;

export type Registry = promClient.Registry;

export const newRegistry = (): Registry => new promClient.Registry();

/** Metrics of one registration, as a started application has them. */
export function startRegistration(
  registry: Registry,
  connection = 'default',
): { events: Emitter<NatsAuthEvents>; instruments: Instruments<MetricName>; warnings: string[] } {
  const warnings: string[] = [];
  const events = new Emitter<NatsAuthEvents>((error, event) => warnings.push(`${event}: ${String(error)}`));
  const instruments = createInstruments(METRICS, prometheus, registry, 'nats_auth_');
  createSeries(METRICS, instruments, connection);
  recordEvents(METRICS, events, instruments);
  return { events, instruments, warnings };
}

/** Every series in the registry, such as `nats_auth_connected{connection="default",role="client"}`, with its value. */
export async function seriesOf(registry: Registry): Promise<Map<string, number>> {
  const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

/** The series that are not 0, without `nats_auth_`, `connection` and the buckets. */
export async function nonZero(registry: Registry): Promise<Record<string, number>> {
  const series = [...(await seriesOf(registry))].filter(
    ([name, value]) => value !== 0 && !name.includes('_bucket{'),
  );
  return Object.fromEntries(
    series.map(([name, value]) => [
      name
        .replace('nats_auth_', '')
        .replace(/connection="\w+",?/, '')
        .replace('{}', ''),
      value,
    ]),
  );
}
