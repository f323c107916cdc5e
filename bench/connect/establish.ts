import { setImmediate } from 'node:timers/promises';

import { median } from '../stats.js';
import { OurConnections, type Tls } from './our-connections.js';
import { plainConnection } from './plain-connection.js';

/** Medians in ms. */
export interface Comparison {
  readonly ours: number;
  readonly plain: number;
}

/** Turns until the compiler has settled for both: the first hundreds of connects take longer by half. */
export const WARM_UP = 4_000;

/** How many of those are told by themselves: a service makes no more in its first hours. */
export const FIRST = 200;

/** Connects of a process that has just begun, and of one that has long been running. */
export interface Establishment {
  readonly first: Comparison;
  readonly settled: Comparison;
}

/** Connects to the server by turns, and closes again; whoever is first in one turn is second in the next. */
export async function compareEstablishment(
  url: string,
  times: number,
  warmUp: number,
  tls?: Tls,
): Promise<Establishment> {
  const own = new OurConnections(url, tls);
  const ours: number[] = [];
  const plain: number[] = [];
  const connectOurs = async () => {
    const startedAt = performance.now();
    const connection = own.create();
    await connection.open();
    ours.push(performance.now() - startedAt);
    await connection.close();
  };
  const connectPlain = async () => {
    const startedAt = performance.now();
    const connection = await plainConnection(url, tls);
    plain.push(performance.now() - startedAt);
    await connection.close();
  };
  for (let turn = 0; turn < warmUp + times; turn++) {
    const [first, second] = turn % 2 === 0 ? [connectOurs, connectPlain] : [connectPlain, connectOurs];
    await first();
    await tidy();
    await second();
    await tidy();
  }
  const between = (from: number, to?: number): Comparison => ({
    ours: median(ours.slice(from, to)),
    plain: median(plain.slice(from, to)),
  });
  return { first: between(0, FIRST), settled: between(warmUp) };
}

/** What is left of one connection's closing must not be counted towards the next. */
async function tidy(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await setImmediate();
}
