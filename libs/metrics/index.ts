export { createInstruments, type Instruments, zero } from './instruments.js';
export { type MetricsOptions, metricsSettings } from './options.js';
export type { MetricsRegistry, Prometheus } from './prometheus.js';
export { recordEvents } from './record-events.js';
