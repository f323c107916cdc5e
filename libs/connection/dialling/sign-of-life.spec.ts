import { expect, it } from 'vitest';

import { VirtualClock } from '../../base/index.js';
import type { ProtocolHandlerInternals } from '../drivers/internals.js';
import { SignOfLife } from './sign-of-life.js';

/** A connection whose server answers when the test says so. */
function connection() {
  const pongs: (() => void)[] = [];
  const handler = {
    connected: true,
    inMsgs: 0,
    transport: {},
    drops: 0,
    flush: () => new Promise<void>((resolve) => pongs.push(resolve)),
    disconnect: () => {
      handler.drops++;
    },
  };
  const clock = new VirtualClock(0);
  const life = new SignOfLife(handler as unknown as ProtocolHandlerInternals, clock);
  return { handler, clock, life, pongs };
}

it('drops a connection on which nothing arrives, once', async () => {
  const { handler, clock, life, pongs } = connection();
  for (let doubts = 0; doubts < 3; doubts++) life.ask();
  expect(pongs).toHaveLength(1);
  await clock.advance(60_000);
  expect(handler.drops).toBe(1);
});

it('leaves one alone whose process stood still, when the PONG is there after that', async () => {
  const { handler, pongs, clock } = connection();
  // All timers that are due run first, and only then the data from the network is read.
  const due: (() => void)[] = [];
  const life = new SignOfLife(handler as unknown as ProtocolHandlerInternals, {
    now: () => clock.now(),
    elapsed: () => clock.elapsed(),
    after: (_, callback) => {
      due.push(callback);
      return () => due.splice(due.indexOf(callback), 1);
    },
  });
  life.ask();
  for (const ring of due.splice(0)) ring();
  pongs.forEach((pong) => pong());
  await clock.advance(0);
  expect(due).toEqual([]);
  expect(handler.drops).toBe(0);
});

it.each<[string, (made: ReturnType<typeof connection>) => void]>([
  ['a PONG came', ({ pongs }) => pongs.forEach((pong) => pong())],
  ['a message came', ({ handler }) => handler.inMsgs++],
  ['it was dialled again', ({ handler }) => (handler.transport = {})],
  ['it was closed', ({ life }) => life.end()],
])('leaves a connection alone when %s', async (_, happens) => {
  const made = connection();
  made.life.ask();
  happens(made);
  await made.clock.advance(60_000);
  expect(made.handler.drops).toBe(0);
  expect(made.clock.pending).toBe(0);
});
