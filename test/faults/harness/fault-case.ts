import type { Role } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { expect, it } from 'vitest';

import { type Case, sceneOf } from './case.js';
import type { Observation } from '../table/row.js';
import { gaugesOf, seriesOf } from '../table/series.js';
import { watchCounters } from './counters.js';
import { perform, type Performance, type Scene } from './scene.js';
import type { ProxyStage, Stage } from './stages.js';
import { allWell, underWatch } from './watch/under-watch.js';

/** A fault of the world around a running application. */
export interface Fault<S extends Stage = ProxyStage> extends Case<S> {
  /** Does the harm. */
  cause(scene: Scene<S>, performance: Performance): unknown;
  /** Which roles lose their connection by it, before `undo` or at all: these and no others. Default: both. */
  readonly loses?: readonly Role[];
  /** Waits for a consequence, before `undo`. */
  until?(scene: Scene<S>, performance: Performance): unknown;
  /**
   * How many connections there are as long as it lasts: servers list so many, and the application says the same. Default:
   * two for a fault by which nothing is lost, anything for others.
   */
  readonly leaves?: number;
  /** Whether requests are answered as long as it lasts. Default: if nothing is lost. */
  readonly answers?: boolean;
  /** Makes good what the world has to make good; everything else is up to the application. */
  undo?(scene: Scene<S>): unknown;
}

const BOTH: readonly Role[] = ['client', 'server'];

/** One test: the application recovers by itself, does nothing twice, leaves nothing open, and tells the truth. */
export function faultCase<S extends Stage = ProxyStage>(fault: Fault<S>): void {
  it(fault.name, async ({ task }) => {
    const scene = await sceneOf(fault);
    await underWatch(
      () => perform(scene, fault.options),
      async (performance) => {
        task.meta.fault = await play(fault, scene, performance);
      },
    );
  });
}

async function play<S extends Stage>(
  fault: Fault<S>,
  scene: Scene<S>,
  performance: Performance,
): Promise<Observation> {
  const { loses = BOTH, counts = [], row } = fault;
  // Counted, since a connection may be back before anybody looks.
  const lost = new Set<Role>();
  const unsubscribe = performance.nats.on('disconnected', ({ role }) => lost.add(role));
  const connects = loses.map((role) => `connects_total{role=${role}}`);
  const risen = await watchCounters(performance.truth, [...connects, ...counts, ...seriesOf(row)]);
  const gaugesAreUp = await watchCounters(performance.truth, gaugesOf(row));
  performance.observer.begin();
  await suffer(fault, scene, performance, lost);
  await gaugesAreUp();
  if (fault.undo) {
    unsubscribe();
    await fault.undo(scene);
  }
  await allWell(performance, 'after the fault');
  await risen();
  await fault.inTheEnd?.(scene, performance);
  expect([...lost].sort(), 'roles that lost their connection').toEqual([...loses].sort());
  return performance.observer.tellsOf(row);
}

async function suffer<S extends Stage>(
  fault: Fault<S>,
  scene: Scene<S>,
  performance: Performance,
  lost: ReadonlySet<Role>,
): Promise<void> {
  const { loses = BOTH } = fault;
  const { answers = loses.length === 0, leaves = answers ? 2 : undefined } = fault;
  await fault.cause(scene, performance);
  await eventually(() => loses.every((role) => lost.has(role)), {
    what: `to be lost: ${loses.join(', ')}`,
  });
  await fault.until?.(scene, performance);
  // A loss that nobody waits for needs time to show.
  if (answers) await performance.load.answered('during the fault');
  if (leaves !== undefined) await performance.truth.agrees(leaves, 'during the fault');
}
