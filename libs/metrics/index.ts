export { type DialFailureError, dialFailureOf } from './dial-failure.js';
export { type Exposition, expose } from './exposition.js';
export { createInstruments, createSeries, type Instruments, recordEvents } from './instruments.js';
export type { Metric } from './metric.js';
export { type MetricsOptions, metricsSettings } from './options.js';
export type { MetricsRegistry, Prometheus } from './prometheus.js';
export { combinationsOf } from './series.js';
export { METRICS } from './table.js';
