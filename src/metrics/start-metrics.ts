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
  createInstruments,
  createSeries,
  type Instruments,
  type MetricsRegistry,
  type MetricsOptions,
  metricsSettings,
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
  endpoint: MetricsEndpoint,
  prometheus: Prometheus | undefined,
): void {
  if (options === false) return;
  const settings = metricsSettings(options);
  if (!prometheus) return;
  const registry = settings.registry ?? prometheus.register;
  const instruments = instrumentsOf(prometheus, registry, settings.prefix, connection);
  endpoint.add(registry, settings);
  recordEvents(events, instruments);
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

function instrumentsOf(
  prometheus: Prometheus,
  registry: MetricsRegistry,
  prefix: string,
  connection: string,
): Instruments {
  try {
    const instruments = createInstruments(prometheus, registry, prefix);
    createSeries(instruments, connection);
    return instruments;
  } catch (error) {
    const problem = `the registry has another metric of one of our names (${describeError(error)})`;
    throw new OptionsInvalidError('metrics.prefix', `${problem}: choose another prefix.`);
  }
}
