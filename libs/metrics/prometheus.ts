/**
 * The part of `prom-client` that this package uses. Named here, so that neither our code nor our types need the package
 * when metrics are off.
 */
export interface Prometheus {
  readonly register: MetricsRegistry;
  readonly Counter: new (configuration: object) => CounterMetric;
  readonly Gauge: new (configuration: object) => GaugeMetric;
  readonly Histogram: new (configuration: object) => HistogramMetric;
}

/**
 * A registry of `prom-client`.
 * @public
 */
export interface MetricsRegistry {
  /** The format of `metrics()`. */
  readonly contentType: string;
  /** All metrics, as text. */
  metrics(): Promise<string>;
  /** The metric of that name, if there is one. */
  getSingleMetric(name: string): unknown;
  /** All metrics, as objects. */
  getMetricsAsArray(): unknown[];
}

export type Labels = Record<string, string>;

export interface CounterMetric {
  inc(labels: Labels, value?: number): void;
}

export interface GaugeMetric {
  set(labels: Labels, value: number): void;
  inc(labels: Labels, value: number): void;
}

export interface HistogramMetric {
  observe(labels: Labels, value: number): void;
  /** Makes the series exist without an observation, and forgets the observations of one that exists. */
  zero(labels: Labels): void;
  /** The series that exist. Not in the types of `prom-client`, whose public way to them is asynchronous. */
  readonly hashMap?: Readonly<Record<string, { readonly labels: Labels }>>;
}
