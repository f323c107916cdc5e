// A service under load that rotates every second while one thing after another breaks: what it holds must stay flat, and
// no message may be lost outside of faults, or come twice at any time.
// Options: --minutes N (default 10), --seed N (plays the same faults again), --rate N (requests/s), --json,
// --heap-snapshot FILE (written when it fails).
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { Child } from '../child/child.js';
import { seeded } from '../fleet/random.js';
import { machine } from '../machine.js';
import { heading, line, printSummary, summary } from './lines.js';
import { Soak } from './run.js';
import type { ServiceOptions } from './service/protocol.js';
import type { ServiceCommands } from './service/service.js';
import { setStage, USERS } from './stage.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    rate: { type: 'string', default: '200' },
    json: { type: 'boolean', default: false },
    'heap-snapshot': { type: 'string' },
  },
});
const [minutes, seed, rate] = [positive('minutes'), positive('seed'), positive('rate')];
// With --json, stdout is for the result.
const tell = values.json ? console.error : console.log;

tell(`${minutes} minutes, --seed ${seed}, ${rate} requests/s`);
const stage = await setStage();
try {
  const problems = await soak();
  for (const problem of problems) console.error(`problem: ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  await stage.stop();
}

/** Gives everything that is not as it should be. */
async function soak(): Promise<readonly string[]> {
  const options: ServiceOptions = { servers: stage.proxy.url, users: USERS, requestsPerSecond: rate };
  const module = fileURLToPath(new URL('service/service.js', import.meta.url));
  // `queryObjects()` of node:v8 is experimental, and says so.
  const execArgv = ['--expose-gc', '--disable-warning=ExperimentalWarning'];
  const service = await Child.start<ServiceCommands>(module, options, { execArgv });
  try {
    tell(heading());
    const run = new Soak(stage, service, seeded(seed), (sample) => tell(line(sample)));
    const outcome = await run.run(minutes * 60_000);
    const snapshot = values['heap-snapshot'];
    if (outcome.problems.length > 0 && snapshot !== undefined) await service.ask('snapshot', snapshot);
    const problems = [...outcome.problems, ...(await run.close())];
    if (values.json)
      console.log(JSON.stringify({ ...machine(), seed, minutes, ...summary(outcome), problems }));
    else printSummary(outcome);
    return problems;
  } finally {
    await service.end();
  }
}

function positive(option: 'minutes' | 'seed' | 'rate'): number {
  const value = Number(values[option]);
  if (!(value >= 0)) throw new Error(`--${option} expects a number, got '${values[option]}'.`);
  return value;
}
