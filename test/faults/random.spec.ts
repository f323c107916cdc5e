import { randomInt } from 'node:crypto';

import fc from 'fast-check';
import { describe, it, onTestFinished } from 'vitest';

import { ChangingProvider } from './harness/changing-provider.js';
import { perform, type Performance, type Scene } from './harness/scene.js';
import { passwordStage, SVC } from './harness/stages.js';
import { LogListener } from './harness/watch/log-listener.js';
import { allWell, underWatch } from './harness/watch/under-watch.js';

/** A piece of harm, and what takes it back. */
interface Harm {
  cause(scene: Scene): unknown;
  undo?(scene: Scene): unknown;
}

const HARMS = {
  reset: { cause: ({ stage }) => stage.proxy.breakOpen('reset') },
  end: { cause: ({ stage }) => stage.proxy.breakOpen('end') },
  'half open': { cause: ({ stage }) => stage.proxy.breakOpen('halfOpen') },
  stall: {
    cause: ({ stage }) => stage.proxy.breakOpen('stall'),
    undo: ({ stage }) => stage.proxy.heal(),
  },
  garbage: { cause: ({ stage }) => stage.proxy.inject('!garbage\r\n') },
  'an -ERR': { cause: ({ stage }) => stage.proxy.inject(`-ERR 'Authorization Violation'\r\n`) },
  'resets at CONNECT': {
    cause: ({ stage }) => stage.proxy.treat({ breaks: { at: 'connect', how: 'reset' } }),
    undo: ({ stage }) => stage.proxy.heal(),
  },
  'address lost': {
    cause: ({ stage }) => stage.proxy.unlisten(),
    undo: ({ stage }) => stage.proxy.listen(),
  },
  'server killed': {
    cause: ({ stage }) => stage.server.kill(),
    undo: ({ stage }) => stage.server.restart(),
  },
  'server stopped': {
    cause: ({ stage }) => stage.world.freeze(stage.server),
    undo: ({ stage }) => stage.world.thaw(stage.server),
  },
  // Not waited for: it may be down, or stopped.
  'server reloads': { cause: ({ stage }) => stage.server.signal('SIGHUP') },
  'lame duck': {
    cause: ({ stage }) => stage.server.lameDuck(),
    undo: async ({ stage }) => {
      await stage.server.kill();
      await stage.server.restart();
    },
  },
  'provider fails': { cause: ({ provider }) => provider.thenFails(new Error('IAM is down'), 3) },
  'provider hangs': { cause: ({ provider }) => provider.thenHangs() },
  'provider is slow': { cause: ({ provider }) => provider.thenDelays(100, SVC) },
  'wrong credentials': { cause: ({ provider }) => provider.thenReturns({ ...SVC, pass: 'wrong' }, 2) },
  'expired credentials': {
    cause: ({ provider }) => provider.thenReturns({ ...SVC, expiresAt: Date.now() - 1_000 }, 2),
  },
  'credentials for a second': {
    cause: ({ provider }) => provider.thenReturns({ ...SVC, expiresAt: Date.now() + 1_000 }),
  },
} satisfies Record<string, Harm>;

type HarmName = keyof typeof HARMS;

/** Harms that overlap, for as long as so many requests begin. */
interface Group {
  readonly harms: readonly HarmName[];
  readonly requests: number;
}

/** Groups one after the other; the application recovers between them. */
const sequences: fc.Arbitrary<Group[]> = fc.array(
  fc.record({
    harms: fc.uniqueArray(fc.constantFrom(...(Object.keys(HARMS) as HarmName[])), {
      minLength: 1,
      maxLength: 3,
    }),
    requests: fc.integer({ min: 1, max: 120 }),
  }),
  { minLength: 2, maxLength: 4 },
);

const HOW_MANY = 8;
const given = process.env['FAULTS_SEED'];
const seeds =
  given === undefined ? Array.from({ length: HOW_MANY }, () => randomInt(2 ** 31)) : [Number(given)];

describe('faults in any order, some at once (FAULTS_SEED=… plays one again)', () => {
  for (const seed of seeds) {
    const [sequence = []] = fc.sample(sequences, { seed, numRuns: 1 });
    const told = sequence.map(({ harms, requests }) => `${harms.join(' & ')} for ${requests}`).join(', ');
    it(`FAULTS_SEED=${seed}: ${told}`, async () => {
      const stage = await passwordStage();
      onTestFinished(() => stage.stop());
      const scene = { stage, provider: new ChangingProvider(stage.userInfo), log: new LogListener() };
      await underWatch(
        () => perform(scene),
        async (performance) => {
          for (const group of sequence) {
            await play(group, scene, performance);
            await allWell(performance, `after ${group.harms.join(' & ')}`);
          }
        },
      );
    });
  }
});

/** A rotation is under way as the harm is done; it may fail. */
async function play(group: Group, scene: Scene, { nats, load }: Performance): Promise<void> {
  const rotated = nats.rotate().catch(() => undefined);
  const harms: Harm[] = group.harms.map((name) => HARMS[name]);
  for (const harm of harms) await harm.cause(scene);
  await load.sends(group.requests);
  for (const harm of harms.reverse()) await harm.undo?.(scene);
  await rotated;
}
