import { Logger } from '@nestjs/common';

import type { NatsAuthEvents } from '../../libs/connection/index.js';
import {
  describeError,
  type Emitter,
  exportsOf,
  OptionsInvalidError,
  PackageMissingError,
} from '../../libs/base/index.js';
import {
  type ConnectionEvents,
  createInstruments,
  createSeries,
  METRICS,
  type MetricsOptions,
  type MetricsRegistry,
  type MetricsSettings,
  metricsSettings,
  type MetricsTable,
  type Prometheus,
  recordEvents,
} from '../../libs/metrics/index.js';
import type { MetricsEndpoint } from './metrics-endpoint.js';

/**
 * Puts the metrics of one registration into a registry and serves it.
 * @param prometheus what `loadPrometheus()` gave.
 * @throws {@link OptionsInvalidError}
 */
export function startMetrics(
  connection: string,
  events: Emitter<NatsAuthEvents>,
  options: MetricsOptions | false | undefined,
  endpoint: Pick<MetricsEndpoint, 'add'>,
  prometheus: Prometheus | undefined,
): void {
  const metrics = recordMetrics(METRICS, connection, events, options, prometheus);
  if (metrics) endpoint.add(metrics.registry, metrics.settings);
}

/**
 * Puts the metrics of a table into the registry of a registration, and feeds them.
 * @returns where they are; `undefined` if metrics are off.
 * @throws {@link OptionsInvalidError}
 */
export function recordMetrics<Events extends ConnectionEvents<Events>>(
  table: MetricsTable<Events>,
  connection: string,
  events: Emitter<Events>,
  options: MetricsOptions | false | undefined,
  prometheus: Prometheus | undefined,
): { readonly registry: MetricsRegistry; readonly settings: MetricsSettings } | undefined {
  if (options === false) return undefined;
  const settings = metricsSettings(options);
  if (!prometheus) return undefined;
  const registry = settings.registry ?? prometheus.register;
  const instruments = withoutClash(() => createInstruments(table, prometheus, registry, settings.prefix));
  createSeries(table, instruments, connection);
  recordEvents(table, events, instruments);
  return { registry, settings };
}

/**
 * Loads `prom-client`, unless metrics are off. Without options they are on if it is installed; with options it must be there.
 * @throws {@link PackageMissingError}
 */
export async function loadPrometheus(
  options: MetricsOptions | false | undefined,
): Promise<Prometheus | undefined> {
  if (options === false) return undefined;
  try {
    // A literal, inside of a `try`: a bundler takes it in if it is there.
    return exportsOf(await import('prom-client')) as Prometheus;
  } catch (cause) {
    if (options !== undefined) throw new PackageMissingError('metrics', 'prom-client', cause);
    new Logger('NatsAuth').debug('no metrics: prom-client is not installed');
    return undefined;
  }
}

function withoutClash<T>(create: () => T): T {
  try {
    return create();
  } catch (error) {
    const problem = `the registry has another metric of one of our names (${describeError(error)})`;
    throw new OptionsInvalidError('metrics.prefix', `${problem}: choose another prefix.`);
  }
}
