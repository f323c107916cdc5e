import { median } from '../stats.js';

/** Measured numbers by name; `undefined` where one cannot be read. */
export type Figures<Name extends string> = Readonly<Record<Name, number | undefined>>;

/** What each system came to in each round. */
export type Measured<System extends string, Name extends string> = Record<System, Figures<Name>[]>;

/** Figures of each system. */
export type BySystem<System extends string, Name extends string> = Record<System, Figures<Name>>;

/** The medians of the rounds, beside NestJS's own transport and beside what is possible at all. */
export interface Comparison<System extends string, Name extends string> {
  readonly figures: BySystem<System, Name>;
  readonly timesStock: BySystem<System, Name>;
  readonly timesBare: BySystem<System, Name>;
}

/** Measures the systems by turns: whoever goes first in one round goes last in the next. */
export async function takeTurns<System extends string, Name extends string>(
  systems: readonly System[],
  rounds: number,
  measure: (system: System) => Promise<Figures<Name>>,
): Promise<Measured<System, Name>> {
  const measured = byKey(systems, (): Figures<Name>[] => []);
  const order = [...systems];
  for (let round = 0; round < rounds; round++) {
    for (const system of order) measured[system].push(await measure(system));
    order.push(...order.splice(0, 1));
  }
  return measured;
}

export function compare<System extends string, Name extends string>(
  measured: Measured<System | 'stock' | 'bare', Name>,
  names: readonly Name[],
): Comparison<System | 'stock' | 'bare', Name> {
  return {
    figures: each(measured, names, (rounds) => rounds),
    timesStock: timesOf(measured, 'stock', names),
    timesBare: timesOf(measured, 'bare', names),
  };
}

/** How many times the figure of `base`: the median of the rounds, each compared with the same round of the other. */
export function timesOf<System extends string, Name extends string>(
  measured: Measured<System, Name>,
  base: NoInfer<System>,
  names: readonly Name[],
): BySystem<System, Name> {
  const bases = measured[base];
  return each(measured, names, (rounds, name) => rounds.map((value, n) => value / (bases[n]?.[name] ?? NaN)));
}

/** The median of each figure by itself, of what `of` makes of its rounds. */
function each<System extends string, Name extends string>(
  measured: Measured<System, Name>,
  names: readonly Name[],
  of: (rounds: readonly number[], name: Name) => readonly number[],
): BySystem<System, Name> {
  return byKey(Object.keys(measured) as System[], (system) =>
    byKey(names, (name) => {
      const value = median(
        of(
          measured[system].map((round) => round[name] ?? NaN),
          name,
        ),
      );
      return Number.isNaN(value) ? undefined : value;
    }),
  );
}

function byKey<Key extends string, Value>(keys: readonly Key[], of: (key: Key) => Value): Record<Key, Value> {
  return Object.fromEntries(keys.map((key) => [key, of(key)])) as Record<Key, Value>;
}
