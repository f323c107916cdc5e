import { Logger } from '@nestjs/common';

import type { NatsAuthEvents } from '../../libs/connection/index.js';
import { asError, type Emitter, OptionsInvalidError } from '../../libs/credentials/index.js';
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
import { loadOptionalPeer } from '../load-optional-peer.js';
import type { MetricsEndpoint } from './metrics-endpoint.js';

/**
 * Puts the metrics of one registration into a registry and serves it. Without options they are on if `prom-client` is
 * installed; with options that package must be there.
 * @throws {@link OptionsInvalidError}
 * @throws {Error} when `prom-client` is wanted and not installed.
 */
export function startMetrics(
  connection: string,
  events: Emitter<NatsAuthEvents>,
  options: MetricsOptions | false | undefined,
  endpoint: MetricsEndpoint,
): void {
  if (options === false) return;
  const settings = metricsSettings(options);
  const prometheus = load(options !== undefined);
  if (!prometheus) return;
  const registry = settings.registry ?? prometheus.register;
  const instruments = instrumentsOf(prometheus, registry, settings.prefix, connection);
  endpoint.add(registry, settings);
  recordEvents(events, instruments);
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
    const problem = `the registry has another metric of one of our names (${asError(error).message})`;
    throw new OptionsInvalidError('metrics.prefix', `${problem}: choose another prefix.`);
  }
}

function load(wanted: boolean): Prometheus | undefined {
  try {
    return loadOptionalPeer('prom-client', 'metrics') as Prometheus;
  } catch (error) {
    if (wanted) throw error;
    new Logger('NatsAuth').debug('no metrics: prom-client is not installed');
    return undefined;
  }
}
