// JetStream, key-value, objects, services and core messages on one connection that rotates: this package's and plain nats.js
// side by side. Options: --run, --driver, --server (parts of names; default: a selection), --system, --all (every run on every
// driver and server), --object-mb, --quick, --json.
import { parseArgs } from 'node:util';

import type { NatsServerRelease } from '../../libs/testing/index.js';

import { nats } from './drivers/nats.js';
import { transportNode } from './drivers/transport-node.js';
import { play, type Stage } from './play.js';
import { printResults, type Result, unreached } from './result.js';
import { CONTROL, QUICK_RUNS, type Run, RUNS } from './runs.js';

const { values } = parseArgs({
  options: {
    run: { type: 'string', default: '' },
    driver: { type: 'string', default: '' },
    server: { type: 'string', default: '' },
    system: { type: 'string', default: '' },
    'object-mb': { type: 'string', default: '20' },
    all: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const DRIVERS = [transportNode, nats];
const RELEASES: NatsServerRelease[] = ['default', 'newest'];
const objectBytes = Number(values['object-mb']) * 1e6;
const SYSTEMS = ['ours', 'plain'] as const;

const results: Result[] = [];
const problems: string[] = [];
for (const [run, stage] of selected()) {
  const sideBySide: Result[] = [];
  for (const system of chosen(SYSTEMS, values.system, (system) => system)) {
    const result = await play(run, { ...stage, system, objectBytes });
    sideBySide.push(result);
    if (system === 'ours' || run === CONTROL) problems.push(...unreached(run, result));
  }
  results.push(...sideBySide);
  if (!values.json) printResults(sideBySide);
}
if (values.json) console.log(JSON.stringify(results));
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

/** The rotations on each driver and server; the other runs on one pair of them each, by turns. */
function selected(): [Run, Pick<Stage, 'driver' | 'release'>][] {
  const drivers = chosen(DRIVERS, values.driver, ({ name }) => name);
  const releases = chosen(RELEASES, values.server, (release) => release);
  const pairs = drivers.flatMap((driver) => releases.map((release) => ({ driver, release })));
  const runs = chosen(values.quick ? QUICK_RUNS : [CONTROL, ...RUNS], values.run, ({ run }) => run);
  return runs.flatMap((run, n): [Run, (typeof pairs)[number]][] => {
    const everywhere = values.all || (!values.quick && run === RUNS[0]);
    return pairs
      .filter((_, i) => everywhere || i === (values.quick ? 0 : n % pairs.length))
      .map((pair) => [run, pair]);
  });
}

/** The one of that name, or all whose names have it as a part. */
function chosen<T>(all: readonly T[], part: string, nameOf: (one: T) => string): readonly T[] {
  const named = all.filter((one) => nameOf(one) === part);
  return named.length > 0 ? named : all.filter((one) => nameOf(one).includes(part));
}
