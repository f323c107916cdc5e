import type { Metric } from './metric.js';
import type { Labels } from './prometheus.js';

/** Every combination of the labels of a metric, without `connection`: a series each. */
export function combinationsOf({ labels }: Pick<Metric, 'labels'>): Labels[] {
  return Object.entries(labels).reduce<Labels[]>(
    (soFar, [label, values]) => soFar.flatMap((left) => values.map((value) => ({ ...left, [label]: value }))),
    [{}],
  );
}
