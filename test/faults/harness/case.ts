import { onTestFinished } from 'vitest';

import { ChangingProvider } from './changing-provider.js';
import type { Performance, Scene, SceneOptions } from './scene.js';
import type { RowName } from '../table/rows.js';
import { LogListener } from './watch/log-listener.js';
import { passwordStage, type ProxyStage, type Stage } from './stages.js';

/** What every fault has. */
export interface Case<S extends Stage = ProxyStage> {
  readonly name: string;
  /** The row of the table of faults that it belongs to. */
  readonly row: RowName;
  /** What stands around the application. Default: one server with a password behind a fault proxy. */
  readonly on?: () => Promise<S>;
  readonly options?: SceneOptions;
  /** Counters that must have risen, by name and labels, as in `rejections_total{error=violation}`. */
  readonly counts?: readonly string[];
  /** What else must have come of it once all is well again. */
  inTheEnd?(scene: Scene<S>, performance: Performance): unknown;
}

/** Sets the stage; it is taken down with the test. */
export async function sceneOf<S extends Stage>({ on }: Pick<Case<S>, 'on'>): Promise<Scene<S>> {
  const stage = await (on ?? (passwordStage as unknown as () => Promise<S>))();
  onTestFinished(() => stage.stop());
  return { stage, provider: new ChangingProvider(stage.userInfo), log: new LogListener() };
}
