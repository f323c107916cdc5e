import type { Emitter } from '../../libs/base/index.js';
import type { CalloutEvents } from '../../libs/callout/index.js';
import type { MetricsOptions, Prometheus } from '../../libs/metrics/index.js';
import { recordMetrics } from '../metrics/start-metrics.js';
import { logCallout } from './logging/callout-lines.js';
import { CALLOUT_METRICS } from './metrics/table.js';

/**
 * Logs and counts what a callout does. Its metrics are in the registry of its registration, which serves it.
 * @param prometheus what `loadPrometheus()` gave.
 * @throws {@link OptionsInvalidError}
 */
export function observeCallout(
  connection: string,
  events: Emitter<CalloutEvents>,
  metrics: MetricsOptions | false | undefined,
  prometheus: Prometheus | undefined,
): void {
  logCallout(connection, events);
  recordMetrics(CALLOUT_METRICS, connection, events, metrics, prometheus);
}
