import { expect, it } from 'vitest';

import { normalised } from '../table/normalised.js';
import { type Case, sceneOf } from './case.js';
import { loggedFor } from './observer.js';
import { perform, type Scene } from './scene.js';
import type { ProxyStage, Stage } from './stages.js';
import { watchLeaks } from './watch/leaks.js';
import { hearNoise } from './watch/noise.js';

/** A fault of the world that an application cannot start in. */
export interface FailingStart<S extends Stage = ProxyStage> extends Omit<Case<S>, 'counts' | 'inTheEnd'> {
  /** Does the harm, before the application starts. */
  cause(scene: Scene<S>): unknown;
}

/** One test: the start fails, says why, prints nothing, and leaves nothing open. */
export function failingStartCase<S extends Stage = ProxyStage>(fault: FailingStart<S>): void {
  it(fault.name, async ({ task }) => {
    const scene = await sceneOf(fault);
    await fault.cause(scene);
    const noise = hearNoise();
    const nothingLeaked = await watchLeaks();
    const error = await perform(scene, fault.options).then(
      () => expect.fail('The application has started.'),
      (thrown: unknown) => thrown as Error,
    );
    await nothingLeaked();
    expect(await noise(), 'what was printed, warned of or rejected').toEqual([]);
    // What a bootstrap rejects with is printed as the application wants.
    scene.log.lines.add(normalised(`START FAILS ${error.name}: ${error.message}`));
    task.meta.fault = { row: fault.row, lines: loggedFor(fault.row, scene.log), problems: [] };
  });
}
