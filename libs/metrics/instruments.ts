import type { Emitter } from '../base/index.js';
import type { NatsAuthEvents } from '../connection/index.js';
import { type Instrument, instrumentIn } from './instrument.js';
import type { Feeds, Metric } from './metric.js';
import type { MetricsRegistry, Prometheus } from './prometheus.js';
import { combinationsOf } from './series.js';
import { type MetricName, METRICS } from './table.js';

/** All instruments of one registry and prefix. */
export type Instruments = Readonly<Record<MetricName, Instrument>>;

const NAMES = Object.keys(METRICS) as MetricName[];

/** @throws {Error} when a name is taken by a metric of another kind. */
export function createInstruments(
  prometheus: Prometheus,
  registry: MetricsRegistry,
  prefix: string,
): Instruments {
  const instruments = NAMES.map(
    (name) => [name, instrumentIn(registry, prometheus, prefix + name, METRICS[name])] as const,
  );
  return Object.fromEntries(instruments) as Instruments;
}

/**
 * Makes every series of one registration exist, with 0: rates and alerts work from the first event on. What another
 * registration of that name has counted stays.
 */
export function createSeries(instruments: Instruments, connection: string): void {
  for (const name of NAMES)
    for (const labels of combinationsOf(METRICS[name])) instruments[name].create({ connection, ...labels });
}

/** Feeds the instruments. Each has a listener of its own: one that throws takes no other with it. */
export function recordEvents(events: Emitter<NatsAuthEvents>, instruments: Instruments): void {
  // Who says that a role is connected, and until when: other registrations of this name have something to say, too.
  const holders: Record<string, object> = {};

  const record = <E extends keyof NatsAuthEvents>(event: E, feed: Feeds[E], instrument: Instrument) =>
    events.on(event, (payload) => {
      const sample = feed?.(payload);
      if (!sample) return;
      const { connection, role } = payload;
      instrument.record({ connection, ...sample.labels }, sample.value ?? 1, (holders[role] ??= {}));
    });

  for (const name of NAMES) {
    const { fedBy }: Metric = METRICS[name];
    for (const event of Object.keys(fedBy) as (keyof NatsAuthEvents)[])
      record(event, fedBy[event], instruments[name]);
  }
}
