import { eventually } from 'nestjs-nats-auth/testing';
import { expect } from 'vitest';

import type { Performance } from '../scene.js';
import type { World } from '../world.js';
import { watchLeaks } from './leaks.js';
import { hearNoise } from './noise.js';

/**
 * Starts an application, lets `act` do something to it, and closes it. It must work before, handle nothing twice,
 * answer nothing with what is another's, leave nothing open, print nothing, reject nothing that nobody handles, and tell
 * the truth all the time.
 */
export async function underWatch(
  start: () => Promise<Performance>,
  act: (performance: Performance) => Promise<void>,
): Promise<void> {
  const noise = hearNoise();
  const nothingLeaked = await watchLeaks();
  const performance = await start();
  try {
    await allWell(performance, 'before the fault');
    await act(performance);
  } finally {
    await performance.close();
  }
  expect(performance.seen.again, 'requests that were handled twice').toEqual([]);
  expect(performance.load.crossed, 'requests that got the answer of another').toEqual([]);
  expect(performance.truth.lies, 'lies of metrics and health').toEqual([]);
  await nothingLeaked();
  await socketsAre(0, performance.world, 'every connection of the application to be closed');
  expect(await noise(), 'what was printed, warned of or rejected').toEqual([]);
}

/** Requests are answered, the world has one connection for each role, and everything says so. */
export async function allWell({ load, truth, world }: Performance, when: string): Promise<void> {
  await load.answered(when);
  await truth.agrees(2, when);
  await socketsAre(2, world, `no sockets beside those in use ${when}`);
}

async function socketsAre(count: number, world: World, what: string): Promise<void> {
  await eventually(async () => (await world.sockets()) === count, { what });
}
