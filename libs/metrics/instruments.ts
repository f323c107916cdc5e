import {
  CAUSES,
  CONNECT_KINDS,
  MODES,
  OUTCOMES,
  REASONS,
  REJECTIONS,
  REUSE_KINDS,
  ROLES,
  TRIGGERS,
} from './label-values.js';
import type {
  CounterMetric,
  GaugeMetric,
  HistogramMetric,
  Labels,
  MetricsRegistry,
  Prometheus,
} from './prometheus.js';
import { SharedGauge } from './shared-gauge.js';

/** Bounds of histograms of short things, such as a provider call or a rotation, in seconds. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Bounds of the age of user info, in seconds: from a demo's tokens to a day. */
const AGE_BUCKETS = [1, 5, 15, 60, 300, 900, 3_600, 14_400, 43_200, 86_400];

type MetricType = 'Counter' | 'Gauge' | 'Histogram';

/** All instruments of one registry and prefix. */
export type Instruments = ReturnType<typeof createInstruments>;

/**
 * The instruments in `registry`; those that are there already are shared, so that several registrations, a second
 * module instance and a hot reload get along.
 * @throws {Error} when a name is taken by a metric of another kind.
 */
export function createInstruments(prometheus: Prometheus, registry: MetricsRegistry, prefix: string) {
  const shared = (type: MetricType, name: string, help: string, labels: string[], rest = {}): unknown => {
    const labelNames = ['connection', ...labels];
    const existing = registry.getSingleMetric(prefix + name);
    if (existing === undefined)
      return new prometheus[type]({ name: prefix + name, help, labelNames, registers: [registry], ...rest });
    assertSameKind(existing, type, prefix + name, labelNames);
    return existing;
  };
  const counter = (name: string, help: string, ...labels: string[]) =>
    shared('Counter', name, help, labels) as CounterMetric;
  const gauge = (name: string, help: string, ...labels: string[]) =>
    shared('Gauge', name, help, labels) as GaugeMetric;
  const histogram = (name: string, help: string, buckets: number[], ...labels: string[]) =>
    shared('Histogram', name, help, labels, { buckets }) as HistogramMetric;
  return {
    refreshes: counter('refreshes_total', 'Provider calls that returned usable user info', 'reason'),
    refreshFailures: counter(
      'refresh_failures_total',
      'Provider calls that returned no usable user info',
      'reason',
      'cause',
    ),
    refreshDuration: histogram(
      'refresh_duration_seconds',
      'Time of provider calls',
      DURATION_BUCKETS,
      'outcome',
    ),
    reuses: counter('reuses_total', 'Establishments served without a provider call', 'kind'),
    rejections: counter('rejections_total', 'Rejections of user info by the server', 'role', 'error'),
    connects: counter('connects_total', 'Established connections', 'role', 'kind'),
    connected: new SharedGauge(gauge('connected', '1 while connected', 'role'), (values) =>
      Math.max(...values),
    ),
    rotations: counter('rotations_total', 'Rotations', 'role', 'mode', 'outcome'),
    rotationDuration: histogram(
      'rotation_duration_seconds',
      'Time of rotations, to the close of the old connection',
      DURATION_BUCKETS,
      'role',
      'mode',
    ),
    ageAtRotation: histogram(
      'credential_age_at_rotation_seconds',
      'Age of user info when it was replaced',
      AGE_BUCKETS,
      'trigger',
    ),
    expiry: new SharedGauge(
      gauge(
        'credential_expiry_timestamp_seconds',
        'When the user info in use expires, the soonest of both roles; 0 when that is not known',
      ),
      (values) => Math.min(...values),
    ),
    lastRefresh: gauge(
      'last_refresh_timestamp_seconds',
      'When a provider call last returned usable user info',
    ),
  };
}

/**
 * Makes every series of one registration exist, with 0: rates and alerts work from the first event on. What another
 * registration of that name has counted stays.
 */
export function createSeries(instruments: Instruments, connection: string): void {
  const count = (counter: CounterMetric, ...labels: Labels[][]) => {
    for (const combination of combinations(labels)) counter.inc({ connection, ...combination }, 0);
  };
  const observe = (histogram: HistogramMetric, ...labels: Labels[][]) => {
    for (const combination of combinations(labels))
      createHistogramSeries(histogram, { connection, ...combination });
  };
  const of = (label: string, values: string[]) => values.map((value) => ({ [label]: value }));
  count(instruments.refreshes, of('reason', REASONS));
  count(instruments.refreshFailures, of('reason', REASONS), of('cause', CAUSES));
  observe(instruments.refreshDuration, of('outcome', OUTCOMES));
  count(instruments.reuses, of('kind', REUSE_KINDS));
  count(instruments.rejections, of('role', ROLES), of('error', REJECTIONS));
  count(instruments.connects, of('role', ROLES), of('kind', CONNECT_KINDS));
  count(instruments.rotations, of('role', ROLES), of('mode', MODES), of('outcome', OUTCOMES));
  observe(instruments.rotationDuration, of('role', ROLES), of('mode', MODES));
  observe(instruments.ageAtRotation, of('trigger', TRIGGERS));
  for (const role of ROLES) instruments.connected.create({ connection, role });
  instruments.expiry.create({ connection });
  instruments.lastRefresh.inc({ connection }, 0);
}

function createHistogramSeries(histogram: HistogramMetric, labels: Labels): void {
  const same = (others: Labels) => Object.entries(labels).every(([name, value]) => others[name] === value);
  // Where the series cannot be seen, one that is not there is better than one that is emptied.
  const exists =
    histogram.hashMap === undefined || Object.values(histogram.hashMap).some((one) => same(one.labels));
  if (!exists) histogram.zero(labels);
}

/** @throws {Error} when somebody else's metric has our name. */
function assertSameKind(existing: unknown, type: MetricType, name: string, labelNames: string[]): void {
  const { type: itsType = 'metric', labelNames: itsLabels = [] } = existing as {
    type?: string;
    labelNames?: string[];
  };
  if (itsType !== type.toLowerCase() || itsLabels.join() !== labelNames.join())
    throw new Error(`'${name}' is a ${itsType} with the labels '${itsLabels.join(`', '`)}'`);
}

function combinations(lists: Labels[][]): Labels[] {
  return lists.reduce<Labels[]>(
    (soFar, list) => soFar.flatMap((left) => list.map((right) => ({ ...left, ...right }))),
    [{}],
  );
}
