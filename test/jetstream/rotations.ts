import { expect } from 'vitest';

import type { JetStreamDriver } from '../../bench/jetstream/drivers/driver.js';
import { play, type Stage } from '../../bench/jetstream/play.js';
import { CONTROL, type Run } from '../../bench/jetstream/runs.js';
import { COUNTS, type Count } from '../../bench/jetstream/workload/counts.js';
import { RELEASE } from '../drivers/servers.js';

/** Plays the workload of the bench in short, through six rotations unless `run` has others. */
export function playShort(driver: JetStreamDriver, system: Stage['system'], run: Partial<Run> = {}) {
  const short = {
    ...CONTROL,
    run: 'six rotations',
    rotations: 6,
    everyMs: 1_000,
    lastsMs: 6_000,
    roundTripMs: 10,
  };
  const where = { driver, release: RELEASE, objectBytes: 5_000_000, quietMs: 5_000 };
  return play({ ...short, ...run }, { ...where, system });
}

/** @param maybe counts that need not be 0. */
export function expectNothingAmiss(
  result: Awaited<ReturnType<typeof playShort>>,
  maybe: readonly Count[] = [],
): void {
  const strict = COUNTS.filter((count) => !maybe.includes(count));
  const amiss = strict.filter((count) => result[count] > 0).map((count) => `${count}: ${result[count]}`);
  expect(amiss, JSON.stringify(result.errors)).toEqual([]);
}
