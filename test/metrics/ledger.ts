import { combinationsOf, type Metric, METRICS } from '../../libs/metrics/index.js';
import { CALLOUT_METRICS } from '../../src/callout/metrics/table.js';

type Labels = Readonly<Record<string, string>>;

type Table = Readonly<Record<string, Metric>>;

const ALL: Table = { ...METRICS, ...CALLOUT_METRICS };

/** What the check did to each connection, as the numbers that the metrics must show. */
export class Ledger {
  readonly #values = new Map<string, number>();

  /** All series of a connection are 0 until something is done. */
  open(connection: string, table: Table = METRICS): void {
    for (const [name, metric] of Object.entries(table)) {
      for (const combination of combinationsOf(metric)) {
        const labels = { connection, ...combination };
        if (metric.type !== 'histogram') {
          this.set(name, labels, 0);
          continue;
        }
        for (const le of [...metric.buckets, Infinity])
          this.set(`${name}_bucket`, { ...labels, le: leOf(le) }, 0);
        this.set(`${name}_sum`, labels, 0);
        this.set(`${name}_count`, labels, 0);
      }
    }
  }

  set(name: string, labels: Labels, value: number): void {
    this.#values.set(seriesKey(`nats_auth_${name}`, labels), value);
  }

  add(name: string, labels: Labels, value = 1): void {
    const key = seriesKey(`nats_auth_${name}`, labels);
    const before = this.#values.get(key);
    if (before === undefined) throw new Error(`No series is documented as ${key}.`);
    this.#values.set(key, before + value);
  }

  observe(name: string, labels: Labels, seconds: number): void {
    for (const bound of [...boundsOf(name), Infinity]) {
      if (seconds <= bound) this.add(`${name}_bucket`, { ...labels, le: leOf(bound) });
    }
    this.add(`${name}_sum`, labels, seconds);
    this.add(`${name}_count`, labels);
  }

  /** The sum of all series of a metric that have these labels. */
  total(name: string, labels: Labels): number {
    const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    return [...this.#values]
      .filter(([key]) => key.startsWith(`nats_auth_${name}{`) && wanted.every((label) => key.includes(label)))
      .reduce((sum, [, value]) => sum + value, 0);
  }

  /** Every series, with its number. */
  get series(): ReadonlyMap<string, number> {
    return this.#values;
  }
}

/** A series in one spelling, whatever the order of its labels. */
export function seriesKey(name: string, labels: Labels): string {
  const pairs = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([label, value]) =>
        `${label}="${label === 'le' ? leOf(Number(value.replace('+Inf', 'Infinity'))) : value}"`,
    );
  return `${name}{${pairs.join(',')}}`;
}

function leOf(bound: number): string {
  return bound === Infinity ? '+Inf' : String(bound);
}

function boundsOf(name: string): readonly number[] {
  const metric = ALL[name];
  return metric?.type === 'histogram' ? metric.buckets : [];
}
