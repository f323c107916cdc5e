import type { Emitter } from '../base/index.js';
import { type Instrument, instrumentIn } from './instrument.js';
import type { FedMetric, Feeds, Metric, MetricsTable } from './metric.js';
import type { MetricsRegistry, Prometheus } from './prometheus.js';
import { combinationsOf } from './series.js';

/** All instruments of a table in one registry, with one prefix. */
export type Instruments<Name extends string> = Readonly<Record<Name, Instrument>>;

/** Each event tells the registration; one about a role of it that role, too. */
export type ConnectionEvents<Events> = {
  readonly [E in keyof Events]: { readonly connection: string; readonly role?: string };
};

/** @throws {Error} when a name is taken by a metric of another kind. */
export function createInstruments<Name extends string>(
  table: Readonly<Record<Name, Metric>>,
  prometheus: Prometheus,
  registry: MetricsRegistry,
  prefix: string,
): Instruments<Name> {
  const instruments = namesOf(table).map(
    (name) => [name, instrumentIn(registry, prometheus, prefix + name, table[name])] as const,
  );
  return Object.fromEntries(instruments) as Instruments<Name>;
}

/**
 * Makes every series of one registration exist, with 0: rates and alerts work from the first event on. What another
 * registration of that name has counted stays.
 */
export function createSeries<Name extends string>(
  table: Readonly<Record<Name, Metric>>,
  instruments: Instruments<Name>,
  connection: string,
): void {
  for (const name of namesOf(table))
    for (const labels of combinationsOf(table[name])) instruments[name].create({ connection, ...labels });
}

/** Feeds the instruments. Each has a listener of its own: one that throws takes no other with it. */
export function recordEvents<Events extends ConnectionEvents<Events>, Table extends MetricsTable<Events>>(
  table: Table,
  events: Emitter<Events>,
  instruments: Instruments<keyof Table & string>,
): void {
  // Who says that a role is connected, and until when: other registrations of this name have something to say, too.
  const holders: Record<string, object> = {};

  const record = <E extends keyof Events>(event: E, feed: Feeds<Events>[E], instrument: Instrument) =>
    events.on(event, (payload) => {
      const sample = feed?.(payload);
      if (!sample) return;
      const { connection, role = '' } = payload;
      instrument.record({ connection, ...sample.labels }, sample.value ?? 1, (holders[role] ??= {}));
    });

  for (const [name, { fedBy }] of Object.entries<FedMetric<Events>>(table))
    for (const event of Object.keys(fedBy) as (keyof Events)[])
      record(event, fedBy[event], instruments[name as keyof Table & string]);
}

function namesOf<Table extends object>(table: Table): (keyof Table & string)[] {
  return Object.keys(table) as (keyof Table & string)[];
}
