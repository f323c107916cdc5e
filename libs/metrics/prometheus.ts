/**
 * The part of `prom-client` that this package uses. Named here, so that neither our code nor our types need the package
 * when metrics are off.
 */
export interface Prometheus {
  readonly register: MetricsRegistry;
  readonly Registry: {
    new (): MetricsRegistry;
    merge(registries: MetricsRegistry[]): MetricsRegistry;
    readonly OPENMETRICS_CONTENT_TYPE: string;
  };
  readonly Counter: new (configuration: object) => CounterMetric;
  readonly Gauge: new (configuration: object) => GaugeMetric;
  readonly Histogram: new (configuration: object) => HistogramMetric;
}

/**
 * A registry of `prom-client`.
 * @public
 */
export interface MetricsRegistry {
  readonly contentType: string;
  metrics(): Promise<string>;
  getSingleMetric(name: string): unknown;
  setContentType(contentType: string): void;
}

export type Labels = Record<string, string>;

export interface CounterMetric {
  inc(labels: Labels, value?: number): void;
}

export interface GaugeMetric {
  set(labels: Labels, value: number): void;
}

export interface HistogramMetric {
  observe(labels: Labels, value: number): void;
  /** Makes the series exist without an observation. */
  zero(labels: Labels): void;
}
