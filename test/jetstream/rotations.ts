import { describe, expect, it } from 'vitest';

import type { JetStreamDriver } from '../../bench/jetstream/drivers/driver.js';
import { play, type Stage } from '../../bench/jetstream/play.js';
import { CONTROL, NOT_KEPT, type Run } from '../../bench/jetstream/runs.js';
import { COUNTS, type Count } from '../../bench/jetstream/workload/counts.js';
import { RELEASE } from '../drivers/servers.js';

/** What an application is promised of the connection that it was given. */
export function describeRotations(driver: JetStreamDriver): void {
  describe(`a connection of ${driver.name} that an application was given`, () => {
    it('loses, repeats and fails nothing of JetStream, KV, objects, services and core messages in handovers', async () => {
      const result = await playShort(driver, 'ours');
      expectNothingAmiss(result);
      expect(result).toMatchObject({ rotations: 6, failedRotations: 0 });
    });

    it('acknowledges what a slow handler has got before a handover', async () => {
      const slow = { handlerMs: 1_500, rotations: 4, lastsMs: 4_000 };
      const result = await playShort(driver, 'ours', slow);
      expectNothingAmiss(result);
      expect(result.rotations).toBe(4);
    });

    it('loses, repeats and fails nothing of JetStream, KV and objects where it moves in place', async () => {
      const result = await playShort(driver, 'ours', { mode: 'reconnect' });
      expectNothingAmiss(result, NOT_KEPT);
      expect(result).toMatchObject({ rotations: 6, failedRotations: 0 });
    });

    it('does what reconnect() of nats.js does not', async () => {
      const result = await playShort(driver, 'plain');
      expect(result.rotations).toBe(6);
      expect(result.failedPublishes).toBeGreaterThan(0);
      expect(result.lostMessages).toBeGreaterThan(0);
    });
  });
}

/** Plays the workload of the bench in short, through six rotations unless `run` has others. */
function playShort(driver: JetStreamDriver, system: Stage['system'], run: Partial<Run> = {}) {
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
function expectNothingAmiss(
  result: Awaited<ReturnType<typeof playShort>>,
  maybe: readonly Count[] = [],
): void {
  const strict = COUNTS.filter((count) => !maybe.includes(count));
  const amiss = strict.filter((count) => result[count] > 0).map((count) => `${count}: ${result[count]}`);
  expect(amiss, JSON.stringify(result.errors)).toEqual([]);
}
