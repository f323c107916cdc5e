import type { Metric } from './metric.js';
import type {
  CounterMetric,
  GaugeMetric,
  HistogramMetric,
  Labels,
  MetricsRegistry,
  Prometheus,
} from './prometheus.js';
import { SharedGauge } from './shared-gauge.js';

/** A metric in a registry. */
export interface Instrument {
  /** Makes the series exist, with 0, and leaves one that exists as it is. */
  create(labels: Labels): void;
  /** @param holder who says so; a gauge that several have a say in tells them apart by it. */
  record(labels: Labels, value: number, holder: object): void;
}

/**
 * The instrument of that name in `registry`. One that is there already is shared, so that several registrations, a second
 * module instance and a hot reload get along.
 * @throws {Error} when the name is taken by a metric of another kind.
 */
export function instrumentIn(
  registry: MetricsRegistry,
  prometheus: Prometheus,
  name: string,
  metric: Metric,
): Instrument {
  const { help } = metric;
  const labelNames = ['connection', ...Object.keys(metric.labels)];
  const existing = registry.getSingleMetric(name);
  if (existing !== undefined) assertSameKind(existing, metric.type, name, labelNames);
  const configuration = { name, help, labelNames, registers: [registry] };
  switch (metric.type) {
    case 'counter':
      return counter((existing as CounterMetric | undefined) ?? new prometheus.Counter(configuration));
    case 'gauge': {
      const made = (existing as GaugeMetric | undefined) ?? new prometheus.Gauge(configuration);
      return metric.combine ? new SharedGauge(made, metric.combine) : gauge(made);
    }
    case 'histogram': {
      const { buckets } = metric;
      return histogram(
        (existing as HistogramMetric | undefined) ?? new prometheus.Histogram({ ...configuration, buckets }),
      );
    }
  }
}

function counter(made: CounterMetric): Instrument {
  return {
    create: (labels) => made.inc(labels, 0),
    record: (labels, value) => made.inc(labels, value),
  };
}

function gauge(made: GaugeMetric): Instrument {
  return {
    create: (labels) => made.inc(labels, 0),
    record: (labels, value) => made.set(labels, value),
  };
}

function histogram(made: HistogramMetric): Instrument {
  return {
    create: (labels) => {
      const same = (others: Labels) =>
        Object.entries(labels).every(([name, value]) => others[name] === value);
      // Where the series cannot be seen, one that is not there is better than one that is emptied.
      const exists =
        made.hashMap === undefined || Object.values(made.hashMap).some((one) => same(one.labels));
      if (!exists) made.zero(labels);
    },
    record: (labels, value) => made.observe(labels, value),
  };
}

/** @throws {Error} when somebody else's metric has our name. */
function assertSameKind(existing: unknown, type: Metric['type'], name: string, labelNames: string[]): void {
  const { type: itsType = 'metric', labelNames: itsLabels = [] } = existing as {
    type?: string;
    labelNames?: string[];
  };
  if (itsType !== type || itsLabels.join() !== labelNames.join())
    throw new Error(`'${name}' is a ${itsType} with the labels '${itsLabels.join(`', '`)}'`);
}
