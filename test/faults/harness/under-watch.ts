import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { expect, onTestFinished, vi } from 'vitest';

import { watchLeaks } from './leaks.js';
import type { Performance } from './scene.js';
import type { Stage } from './stages.js';

/**
 * Starts an application, lets `act` do something to it, and closes it. It must work before, handle nothing twice,
 * leave nothing open, print nothing, reject nothing that nobody handles, and tell the truth all the time.
 */
export async function underWatch(
  stage: Stage,
  start: () => Promise<Performance>,
  act: (performance: Performance) => Promise<void>,
): Promise<void> {
  const rejections = watchRejections();
  const printed = vi.spyOn(console, 'log');
  onTestFinished(() => printed.mockRestore());
  const nothingLeaked = watchLeaks();
  const performance = await start();
  try {
    await performance.load.answered('before the fault');
    await act(performance);
  } finally {
    await performance.close();
  }
  expect(performance.seen.again, 'requests that were handled twice').toEqual([]);
  expect(performance.truth.lies, 'lies of metrics and health').toEqual([]);
  expect(rejections(), 'rejections that nobody handled').toEqual([]);
  expect(printed.mock.calls, 'what was printed').toEqual([]);
  await nothingLeaked();
  await nobodyConnected(stage);
}

/** Requests are answered again, and everything says so. */
export async function recovered({ load, truth }: Performance): Promise<void> {
  await load.answered('after the fault');
  await eventually(
    async () => truth.healthy && (await truth.says('server', true)) && (await truth.says('client', true)),
    { what: 'metrics, status and health to agree that all is well' },
  );
}

function watchRejections(): () => unknown[] {
  const rejections: unknown[] = [];
  const note = (reason: unknown) => rejections.push(reason);
  process.on('unhandledRejection', note);
  return () => {
    process.off('unhandledRejection', note);
    return rejections;
  };
}

/** No server and no proxy has a connection of the application. */
async function nobodyConnected({ server, others = [], proxy }: Stage): Promise<void> {
  await eventually(
    async () => {
      const open = await Promise.all([server, ...others].map(connectionsOf));
      return proxy.open === 0 && open.every((connections) => connections === 0);
    },
    { what: 'every connection of the application to be closed' },
  );
}

async function connectionsOf(server: NatsServer): Promise<number> {
  // A server that is down has none.
  const connections = await server.connections().catch(() => []);
  return connections.filter(({ name }) => name !== 'auth-callout').length;
}
