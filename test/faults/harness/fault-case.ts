import type { Role } from 'nestjs-nats-auth';
import { eventually, ScriptedUserInfoProvider } from 'nestjs-nats-auth/testing';
import { it, onTestFinished } from 'vitest';

import { perform, type Performance, type Scene, type SceneOptions } from './scene.js';
import { passwordStage, type Stage } from './stages.js';
import { recovered, underWatch } from './under-watch.js';

/** A fault, and what an application under load is expected to make of it. */
export interface Fault<S extends Stage> {
  readonly name: string;
  /** What stands around the application. Default: one server with a password behind a fault proxy. */
  readonly on?: () => Promise<S>;
  readonly options?: SceneOptions;
  /** Does the harm before the application starts, instead of while it runs. */
  readonly atStart?: boolean;
  /** Does the harm. */
  cause(scene: Scene<S>, performance?: Performance): unknown;
  /** Which connections are lost by it, before `undo`. Default: both; none `atStart`. */
  readonly loses?: readonly Role[];
  /** Waits for a consequence, before `undo`. */
  until?(scene: Scene<S>, performance: Performance): unknown;
  /** Makes good what the world has to make good; everything else is up to the application. */
  undo?(scene: Scene<S>): unknown;
  /** Counters that must have risen, by name and labels, as in `rejections_total{error=violation}`. */
  readonly counts?: readonly string[];
}

const BOTH: readonly Role[] = ['server', 'client'];

/** One test: the application recovers by itself, does nothing twice, leaves nothing open, and tells the truth. */
export function faultCase<S extends Stage = Stage>(fault: Fault<S>): void {
  it(fault.name, () => play(fault));
}

async function play<S extends Stage>(fault: Fault<S>): Promise<void> {
  const stage = await (fault.on ?? (passwordStage as () => Promise<S>))();
  onTestFinished(() => stage.stop());
  const scene = { stage, provider: new ScriptedUserInfoProvider(stage.userInfo) };
  const start = () => (fault.atStart ? startInto(fault, scene) : perform(scene, fault.options));
  await underWatch(stage, start, async (performance) => {
    const before = fault.atStart ? undefined : await valuesOf(performance, fault);
    if (!fault.atStart) await suffer(fault, scene, performance);
    await recovered(performance);
    await eventually(async () => haveRisen(before, await valuesOf(performance, fault)), {
      what: `counters to rise (${fault.counts?.join(', ') ?? 'those of connects'})`,
    });
  });
}

/** The harm is done before the start, and undone while the application is starting. */
async function startInto<S extends Stage>(fault: Fault<S>, scene: Scene<S>): Promise<Performance> {
  await fault.cause(scene);
  const starting = perform(scene, fault.options);
  // A start that fails is told below, and must not be a rejection that nobody handles meanwhile.
  starting.catch(() => undefined);
  await fault.undo?.(scene);
  return starting;
}

async function suffer<S extends Stage>(
  fault: Fault<S>,
  scene: Scene<S>,
  performance: Performance,
): Promise<void> {
  const { loses = BOTH } = fault;
  // Counted, since a connection may be back before anybody looks.
  const lost = new Set<Role>();
  const unsubscribe = performance.nats.on('disconnected', ({ role }) => lost.add(role));
  await fault.cause(scene, performance);
  await eventually(() => loses.every((role) => lost.has(role)), {
    what: `to be lost: ${loses.join(', ')}`,
  });
  await fault.until?.(scene, performance);
  await fault.undo?.(scene);
  unsubscribe();
}

/** Counters that a fault names, and the connects of the roles that it loses. */
async function valuesOf<S extends Stage>(
  { truth }: Performance,
  { atStart, loses = BOTH, counts = [] }: Fault<S>,
): Promise<Map<string, number>> {
  const connects = atStart ? [] : loses.map((role) => `connects_total{role=${role}}`);
  const values = new Map<string, number>();
  for (const series of [...connects, ...counts]) values.set(series, await value(truth, series));
  return values;
}

function value(truth: Performance['truth'], series: string): Promise<number> {
  const [, name = series, labels = ''] = /^(\w+)\{(.*)\}$/.exec(series) ?? [];
  const pairs = labels.split(',').map((pair) => pair.split('=') as [string, string]);
  return truth.value(name, Object.fromEntries(pairs));
}

function haveRisen(before: Map<string, number> | undefined, after: Map<string, number>): boolean {
  return [...after].every(([series, value]) => value > (before?.get(series) ?? 0));
}
