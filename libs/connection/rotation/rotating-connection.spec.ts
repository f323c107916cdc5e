import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { acceptedOf } from '../link.js';
import { ConnectionWorld, type DialOutcome } from './connection-world.fixture.js';
import { rotationSettings, type RotationMode } from './rotation-options.js';
import { RotatingConnection } from './rotating-connection.js';

/** Long enough for everything that a script starts to finish, in virtual ms. */
const LONG_MS = 3_600_000;

const ACTIONS = [
  'newer',
  'changed',
  'rotate',
  'refresh and rotate',
  'lame duck',
  'lost',
  'closed by the server',
] as const;

interface Script {
  readonly mode: RotationMode;
  readonly dials: DialOutcome[];
  readonly workMs: number;
  readonly steps: readonly { readonly afterMs: number; readonly action: (typeof ACTIONS)[number] }[];
  readonly end: 'none' | 'drain' | 'close' | 'drain and close';
  /** The number of steps after which it ends, and how long it drains, in ms. */
  readonly endAfter: number;
  readonly drainMs: number;
}

const ms = (max: number) => fc.nat({ max });
const script: fc.Arbitrary<Script> = fc.record({
  mode: fc.constantFrom<RotationMode>('handover', 'reconnect', 'none'),
  dials: fc.array(
    fc.record({
      takesMs: ms(2_000),
      result: fc.constantFrom<DialOutcome['result']>('accepted', 'accepted', 'refused', 'no room'),
    }),
    { maxLength: 12 },
  ),
  workMs: ms(5_000),
  steps: fc.array(fc.record({ afterMs: ms(1_500), action: fc.constantFrom(...ACTIONS) }), { maxLength: 15 }),
  end: fc.constantFrom<Script['end']>('none', 'drain', 'close', 'drain and close'),
  endAfter: fc.nat({ max: 15 }),
  drainMs: ms(3_000),
});

/** Runs a script; returns the promises that the application would hold. */
async function play({ mode, dials, workMs, steps, end, endAfter, drainMs }: Script) {
  const world = new ConnectionWorld([...dials], workMs);
  const { clock, source, events } = world;
  const rotating = new RotatingConnection(
    {
      name: 'orders',
      role: 'client',
      source,
      events,
      rotation: rotationSettings({ mode }),
      clock,
      random: () => 0.5,
    },
    (opening) => world.open(opening),
  );
  const promises: { what: string; settled: boolean }[] = [];
  const watch = (what: string, promise: Promise<unknown>) => {
    const watched = { what, settled: false };
    promises.push(watched);
    const settle = () => (watched.settled = true);
    promise.then(settle, settle);
  };
  const act = (action: (typeof ACTIONS)[number]) => {
    const { current } = world;
    if (action === 'newer') source.renew('expiring');
    if (action === 'changed') source.renew('changed');
    if (action === 'rotate') watch(action, rotating.rotate('manual', source.current));
    if (action === 'refresh and rotate') watch(action, rotating.rotate('manual', source.refresh()));
    if (action === 'lame duck' && current?.link.state === 'connected') current.announceLameDuck();
    if (action === 'lost' && current?.link.state === 'connected') {
      current.lose();
      current.redial().catch(() => {});
    }
    if (action === 'closed by the server') void current?.end();
  };
  const left = { timers: 0, open: 0, afterMs: 0 };
  const finish = () => {
    if (end === 'none') return;
    world.ending = true;
    if (end !== 'close') watch('drain', rotating.drain(drainMs));
    if (end === 'drain') return;
    const askedAt = clock.elapsed();
    const closed = rotating.close();
    watch('close', closed);
    void closed.then(() => {
      left.afterMs = clock.elapsed() - askedAt;
      left.timers = clock.pending - world.working;
      left.open = world.connections.filter(({ link }) => link.state !== 'closed').length;
    });
  };
  watch('open', rotating.open());
  for (const [index, { afterMs, action }] of steps.entries()) {
    if (index === endAfter) finish();
    await clock.advance(afterMs);
    act(action);
    await clock.flush();
  }
  if (endAfter >= steps.length) finish();
  await clock.advance(LONG_MS);
  return { world, rotating, promises, left };
}

const runs = { numRuns: 300 };

/** The server says that it will end while newer user info waits for its turn, whose dial then fails. */
const LAME_DUCK_BEHIND_A_FAILURE: Script = {
  mode: 'handover',
  dials: [
    { takesMs: 0, result: 'accepted' },
    { takesMs: 0, result: 'accepted' },
    { takesMs: 0, result: 'refused' },
  ],
  workMs: 0,
  steps: [
    { afterMs: 0, action: 'newer' },
    { afterMs: 1, action: 'newer' },
    { afterMs: 0, action: 'lame duck' },
  ],
  end: 'none',
  endAfter: 0,
  drainMs: 0,
};

describe('whatever happens to the connection of a role, in any order,', () => {
  it('one connection is current at most, and it is closed only when another one serves', () =>
    fc.assert(
      fc.asyncProperty(script, async (given) => {
        const { world } = await play(given);
        expect(world.violations).toEqual([]);
      }),
      runs,
    ));

  it('every promise settles', () =>
    fc.assert(
      fc.asyncProperty(script, async (given) => {
        const { promises } = await play(given);
        expect(promises.filter(({ settled }) => !settled)).toEqual([]);
      }),
      runs,
    ));

  it('nothing is open, listens or waits once it is closed, which waits for nothing itself', () =>
    fc.assert(
      fc.asyncProperty(script, async (given) => {
        const { world, rotating, left } = await play({ ...given, end: 'close' });
        expect(rotating.state).toBe('closed');
        expect(left).toEqual({ timers: 0, open: 0, afterMs: 0 });
        expect(world.source.listening).toBe(0);
      }),
      runs,
    ));

  it('it uses the newest user info in the end, and one connection is open', () =>
    fc.assert(
      fc.asyncProperty(script, async (given) => {
        const { world, rotating } = await play({
          ...given,
          mode: given.mode === 'none' ? 'handover' : given.mode,
          // The first connect may fail for good.
          dials: given.dials.map((dial, index) => (index === 0 ? { ...dial, result: 'accepted' } : dial)),
          // A rotation that the application requests is not retried when it fails.
          steps: given.steps.filter(({ action }) => action !== 'refresh and rotate'),
          end: 'none',
        });
        const open = world.connections.filter(({ link }) => link.state !== 'closed');
        expect(open).toHaveLength(1);
        expect(rotating.state).toBe('connected');
        expect(open[0] && acceptedOf(open[0].link)?.userInfo).toBe(world.source.current);
      }),
      { ...runs, examples: [[LAME_DUCK_BEHIND_A_FAILURE]] },
    ));
});
