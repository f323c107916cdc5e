import { it } from 'vitest';

import { type Case, sceneOf } from './case.js';
import { seriesOf } from '../table/series.js';
import { haveCounted } from './counters.js';
import { perform, type Performance, type Scene } from './scene.js';
import type { ProxyStage, Stage } from './stages.js';
import { underWatch } from './watch/under-watch.js';

/** A fault of the world that an application starts in. */
export interface StartFault<S extends Stage = ProxyStage> extends Case<S> {
  /** Does the harm, before the application starts. */
  cause(scene: Scene<S>): unknown;
  /** Makes it good while the application is starting. */
  undo?(scene: Scene<S>): unknown;
}

/** One test: the application starts nevertheless, and is then as good as any. */
export function startFaultCase<S extends Stage = ProxyStage>(fault: StartFault<S>): void {
  it(fault.name, async ({ task }) => {
    const scene = await sceneOf(fault);
    await underWatch(
      () => startInto(fault, scene),
      async (performance) => {
        await haveCounted(performance.truth, [...(fault.counts ?? []), ...seriesOf(fault.row)]);
        await fault.inTheEnd?.(scene, performance);
        task.meta.fault = performance.observer.tellsOf(fault.row);
      },
    );
  });
}

async function startInto<S extends Stage>(fault: StartFault<S>, scene: Scene<S>): Promise<Performance> {
  await fault.cause(scene);
  const starting = perform(scene, fault.options);
  // A start that fails is told below, and must not be a rejection that nobody handles meanwhile.
  starting.catch(() => undefined);
  await fault.undo?.(scene);
  return starting;
}
