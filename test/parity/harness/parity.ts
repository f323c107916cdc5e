import { expect, it } from 'vitest';

import type { Difference } from '../differences.js';
import { describeError } from './outcome.js';
import { type Pair, Run, type RunSettings } from './run.js';
import './row.js';

/** One thing that an application can observe of its transport. */
export interface Scenario extends RunSettings {
  /** What there is to observe, as one line. */
  readonly observe: (run: Run) => Promise<string>;
  /** What the stock transport shows, so that two failures of one kind do not pass for parity. */
  readonly stock: string;
  /** Where ours shows something else, and why. */
  readonly difference?: Difference;
}

const PAIRS: readonly (Pair & { readonly head: string })[] = [
  { head: 'stock', client: 'stock', service: 'stock' },
  { head: 'ours', client: 'ours', service: 'ours' },
  { head: 'stock→ours', client: 'stock', service: 'ours' },
  { head: 'ours→stock', client: 'ours', service: 'stock' },
];

/**
 * A test that runs one application on the stock transport, on ours, and on both mixed, client first, and compares what
 * it observes. Its row of the table is kept in the test's `meta`.
 */
export function parity(feature: string, { stock, difference, ...scenario }: Scenario): void {
  it(feature, async ({ task }) => {
    const observed = await Promise.all(
      PAIRS.map((pair) =>
        Run.observe(pair, scenario, scenario.observe).catch(
          (error: unknown) => `nothing: ${describeError(error)}`,
        ),
      ),
    );
    const cells = Object.fromEntries(PAIRS.map(({ head }, n) => [head, observed[n] ?? '']));
    const expected = Object.fromEntries(
      PAIRS.map((pair) => [
        pair.head,
        difference && pair[difference.of] === 'ours' ? difference.ours : stock,
      ]),
    );
    task.meta.parity = { cells, verdict: difference?.reason ?? 'same' };
    expect(cells).toEqual(expected);
  });
}
