import { randomInt } from 'node:crypto';

import fc from 'fast-check';
import { it } from 'vitest';

const SEED = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31));
/** How many times the usual number of cases. */
const TIMES = Number(process.env['FUZZ_TIMES'] ?? 1);

export interface FuzzOptions<T> {
  readonly cases: number;
  readonly of: fc.Arbitrary<T>;
  /** Fails for a value that was taken badly. */
  readonly check: (value: T) => unknown;
  /** Cases under way at once, for those that wait for sockets. Default: 1. */
  readonly atOnce?: number;
}

/** A test of many random cases; FUZZ_SEED plays them again. */
export function fuzz<T>(what: string, { cases, of, check, atOnce = 1 }: FuzzOptions<T>): void {
  const numRuns = cases * TIMES;
  const passes = async (value: T) => {
    await check(value);
  };
  it(`${what}: ${numRuns} cases (FUZZ_SEED=${SEED})`, async () => {
    if (atOnce === 1)
      return fc.assert(fc.asyncProperty(of, passes), { seed: SEED, numRuns, includeErrorInReport: true });
    const waiting = fc.sample(of, { seed: SEED, numRuns });
    const work = async () => {
      // One by one, with the words in which fast-check tells of a value that fails.
      for (let value = waiting.pop(); value !== undefined; value = waiting.pop())
        await fc.assert(fc.asyncProperty(fc.constant(value), passes), {
          numRuns: 1,
          includeErrorInReport: true,
        });
    };
    await Promise.all(Array.from({ length: atOnce }, work));
  });
}
