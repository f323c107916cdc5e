export { type DialFailureError, dialFailureOf } from './dial-failure.js';
export { type Exposition, expose } from './exposition.js';
export {
  type ConnectionEvents,
  createInstruments,
  createSeries,
  type Instruments,
  recordEvents,
} from './instruments.js';
export { type AllOf, eachOf, type Metric, metricFedBy, type MetricsTable } from './metric.js';
export { type MetricsOptions, type MetricsSettings, metricsSettings } from './options.js';
export type { MetricsRegistry, Prometheus } from './prometheus.js';
export { combinationsOf } from './series.js';
export { type MetricName, METRICS } from './table.js';
