/** A metric: what it is called is its key in the table. */
export type Metric = MetricKind & {
  readonly help: string;
  /** Every value of each label but `connection`. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
};

/** A metric with what feeds it. */
export type FedMetric<Events extends object> = Metric & { readonly fedBy: Feeds<Events> };

/** Metrics by their names, without the prefix. */
export type MetricsTable<Events extends object> = Readonly<Record<string, FedMetric<Events>>>;

export type MetricKind =
  | { readonly type: 'counter' }
  | {
      readonly type: 'gauge';
      /**
       * For a series that several connections have a say in, until they say 0: makes one number of what they say. Without
       * it the series is what was said last.
       */
      readonly combine?: (values: readonly number[]) => number;
    }
  | {
      readonly type: 'histogram';
      /** Upper bounds, ascending. */
      readonly buckets: readonly number[];
    };

/** What one event says to a metric. */
export interface Sample<Value extends string = string> {
  /** All labels but `connection`, which is the event's. */
  readonly labels: Readonly<Record<string, Value>>;
  /** What a counter adds, a gauge is set to, or a histogram observes. Default: 1. */
  readonly value?: number;
}

/** By event: what it says to a metric; `undefined` for nothing. */
export type Feeds<Events extends object, Value extends string = string> = {
  readonly [E in keyof Events]?: (event: Events[E]) => Sample<Value> | undefined;
};

/** Every value of a union, none forgotten and none too many. */
export type AllOf<T extends string> = Readonly<Record<T, true>>;

/** All values of a list. */
export function eachOf<T extends string>(values: readonly T[]): AllOf<T> {
  return Object.fromEntries(values.map((value) => [value, true])) as AllOf<T>;
}

/**
 * Declares metrics that these events feed. The labels and their values are exactly those that the events can give: the compiler sees to it.
 */
export function metricFedBy<Events extends object>() {
  return <Value extends string, const F extends Feeds<Events, Value>>(
    definition: MetricKind & {
      readonly help: string;
      readonly labels: { readonly [K in NamesOf<LabelsOf<F>>]: AllOf<ValueOf<LabelsOf<F>, K>> };
      readonly fedBy: F & ([keyof F] extends [never] ? 'a metric needs an event that feeds it' : unknown);
    },
  ): FedMetric<Events> & {
    readonly labels: { readonly [K in NamesOf<LabelsOf<F>>]: readonly ValueOf<LabelsOf<F>, K>[] };
  } => {
    const labels = Object.entries<AllOf<string>>(definition.labels);
    const values = labels.map(([label, all]) => [label, Object.keys(all)] as const);
    return { ...definition, labels: Object.fromEntries(values) as never };
  };
}

type LabelsOf<F> = F[keyof F] extends ((event: never) => infer S) | undefined
  ? NonNullable<S> extends { readonly labels: infer L }
    ? L
    : never
  : never;
// Conditional, so that they look at each member of a union: several events may feed one metric.
type NamesOf<L> = L extends unknown ? keyof L : never;
type ValueOf<L, K> = L extends unknown ? (K extends keyof L ? Extract<L[K], string> : never) : never;
