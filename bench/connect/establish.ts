import { setImmediate } from 'node:timers/promises';

import { median } from '../stats.js';
import { type Answers, OurConnections, type Tls } from './our-connections.js';
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

/** Medians in ms of a connect, with a provider that answers at once and with one that answers later. */
export interface ConnectTimes {
  readonly atOnce: number;
  readonly later: number;
  readonly plain: number;
}

/** Connects of a process that has just begun, and of one that has long been running. */
export interface Establishment {
  readonly first: ConnectTimes;
  readonly settled: ConnectTimes;
}

/** Connects to the server by turns, and closes again; they take turns at being first. */
export async function compareEstablishment(
  url: string,
  times: number,
  warmUp: number,
  tls?: Tls,
): Promise<Establishment> {
  const own = (answers: Answers) => {
    const connections = new OurConnections(url, answers, tls);
    return contestant(() => opened(connections));
  };
  const [atOnce, later] = [own('at once'), own('later')];
  const plain = contestant(() => plainConnection(url, tls));
  const order = [atOnce, later, plain];
  for (let turn = 0; turn < warmUp + times; turn++) {
    for (const { connect } of order) {
      await connect();
      await tidy();
    }
    const first = order.shift();
    if (first) order.push(first);
  }
  const between = (from: number, to?: number): ConnectTimes => ({
    atOnce: median(atOnce.times.slice(from, to)),
    later: median(later.times.slice(from, to)),
    plain: median(plain.times.slice(from, to)),
  });
  return { first: between(0, FIRST), settled: between(warmUp) };
}

interface Contestant {
  readonly times: number[];
  readonly connect: () => Promise<void>;
}

function contestant(open: () => Promise<{ close(): Promise<void> }>): Contestant {
  const times: number[] = [];
  const connect = async () => {
    const startedAt = performance.now();
    const connection = await open();
    times.push(performance.now() - startedAt);
    await connection.close();
  };
  return { times, connect };
}

async function opened(connections: OurConnections): Promise<{ close(): Promise<void> }> {
  const connection = connections.create();
  await connection.open();
  return connection;
}

/** What is left of one connection's closing must not be counted towards the next. */
async function tidy(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await setImmediate();
}
