// CPU time of an authorization beside `@nats-io/jwt` doing the same, authorizations a second of one instance, and a herd of clients that come at
// once. Options: --times N (authorizations in a round), --clients N (of the herd), --quick, --json.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';

import { printColumns } from '../columns.js';
import { machine } from '../machine.js';
import { round } from '../stats.js';
import { measureContestants } from './contestants.js';
import { measureHerd } from './herd.js';

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '8000' },
    clients: { type: 'string', default: '1000' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
// A round is long beside its start, where caches are cold and what it took to read the requests is cleared away.
const times = values.quick ? 2_000 : Number(values.times);
const rounds = values.quick ? 3 : 7;
const clients = values.quick ? 200 : Number(values.clients);

const { ours, natsJwt, floor } = await measureContestants(times, rounds);
const result = {
  ...machine(),
  // A machine with other work has less of its caches and of its clock rate for this.
  load: round(loadavg()[0] ?? NaN, 1),
  times,
  rounds,
  cpuMicros: { ours: round(ours.cpuMicros, 1), natsJwt: round(natsJwt.cpuMicros, 1) },
  timesLess: round(natsJwt.cpuMicros / ours.cpuMicros),
  floorMicros: round(floor.cpuMicros, 1),
  perSecond: round(ours.perSecond),
  herd: await measureHerd(clients),
};
if (values.json) console.log(JSON.stringify(result));
else print();

function print(): void {
  const { cpuMicros, herd } = result;
  printColumns(
    ['an authorization with xkey', 'figure'],
    [
      ['CPU of this package, µs', cpuMicros.ours],
      ['CPU with @nats-io/jwt and nkeys in JavaScript, µs', cpuMicros.natsJwt],
      ['times less', result.timesLess],
      ['CPU of two Ed25519 signatures and one verification, µs', result.floorMicros],
      ['authorizations a second of one instance', result.perSecond],
    ],
  );
  console.log(
    `\n${herd.clients} clients that came at once: ${herd.admittedAtFirstTry} were admitted at the first try, the last after ${herd.seconds} s. ` +
      `The callout used ${herd.calloutCpuSeconds} s of CPU.`,
  );
}
