import type { Instrument } from './instrument.js';
import type { GaugeMetric, Labels } from './prometheus.js';

/** What holders have of each series. On the gauge, so that a second load of this module finds it. */
const PARTS = Symbol.for('nestjs-nats-auth:parts-of-a-gauge');

type Parts = Map<string, Map<object, number>>;

/**
 * A gauge whose series several holders share, such as the connections of two module instances of one name. Without this
 * the old instance of a hot reload, as it closes, would say that nobody is connected.
 */
export class SharedGauge implements Instrument {
  readonly #parts: Parts;

  /** @param combine makes one number of what the holders say; when none says anything, it is 0. */
  constructor(
    private readonly gauge: GaugeMetric & { [PARTS]?: Parts },
    private readonly combine: (values: readonly number[]) => number,
  ) {
    this.#parts = gauge[PARTS] ??= new Map<string, Map<object, number>>();
  }

  create(labels: Labels): void {
    this.gauge.inc(labels, 0);
  }

  /** What `holder` says from now on; with 0 it says nothing any more. */
  record(labels: Labels, value: number, holder: object): void {
    const key = JSON.stringify(Object.entries(labels).sort());
    const series = this.#parts.get(key) ?? new Map<object, number>();
    if (value === 0) series.delete(holder);
    else series.set(holder, value);
    this.#parts.set(key, series);
    this.gauge.set(labels, series.size === 0 ? 0 : this.combine([...series.values()]));
  }
}
