// Connection establishment with credentials from a provider beside nats.js with a static password: connects, reconnects
// after a restart of the server, and many connections of one process. Options: --connects N, --restarts N, --crowd N
// (connections), --quick, --json.
import { parseArgs } from 'node:util';

import { startNatsServer } from 'nestjs-nats-auth/testing';

import { createTlsFiles } from '../../test/support/tls.js';
import { printColumns } from '../columns.js';
import { machine } from '../machine.js';
import { median, round } from '../stats.js';
import { type CrowdFigures, measureCrowd } from './crowd.js';
import { compareEstablishment, type Comparison, type ConnectTimes, FIRST, WARM_UP } from './establish.js';
import { compareReconnect } from './reconnect.js';

const { values } = parseArgs({
  options: {
    connects: { type: 'string', default: '1000' },
    restarts: { type: 'string', default: '30' },
    crowd: { type: 'string', default: '1000' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const times = values.quick ? 100 : Number(values.connects);
const restarts = values.quick ? 3 : Number(values.restarts);
const crowd = values.quick ? 100 : Number(values.crowd);
const warmUp = values.quick ? FIRST : WARM_UP;
/** A crowd is slow to come back; the median of some is enough. */
const CROWD_RESTARTS = 3;

const USERS = 'authorization { users: [ { user: bench, password: bench } ] }\n';
const tls = await createTlsFiles();
const server = await startNatsServer({ config: USERS });
const tlsServer = await startNatsServer({ config: USERS + tls.config() });
try {
  const { first: connectFirst, settled: connect } = await compareEstablishment(server.url, times, warmUp);
  // The process is not new any more.
  const { settled: connectTls } = await compareEstablishment(tlsServer.url, times, warmUp, { ca: tls.ca });
  const reconnect = await compareReconnect(server, restarts);
  const ours = await measureCrowd('ours', server, crowd, CROWD_RESTARTS);
  const plain = await measureCrowd('plain', server, crowd, CROWD_RESTARTS);
  const result = {
    ...machine(),
    connects: times,
    restarts,
    crowd,
    connect,
    connectFirst,
    connectTls,
    reconnect,
    many: { ours, plain },
  };
  if (values.json) console.log(JSON.stringify(result));
  else print(result);
} finally {
  await server.stop();
  await tlsServer.stop();
  await tls.remove();
}

interface Result {
  readonly connect: ConnectTimes;
  readonly connectFirst: ConnectTimes;
  readonly connectTls: ConnectTimes;
  readonly reconnect: Comparison;
  readonly many: { readonly ours: CrowdFigures; readonly plain: CrowdFigures };
}

function print({ connect, connectFirst, connectTls, reconnect, many: { ours, plain } }: Result): void {
  const row = (what: string, own: number, other: number, digits: number) => [
    what,
    round(own, digits),
    round(other, digits),
    (own / other).toFixed(3),
  ];
  const connects = (what: string, { atOnce, later, plain }: ConnectTimes) => [
    row(`${what}; a provider that answers at once`, atOnce, plain, 2),
    row(`${what}; a provider that answers later`, later, plain, 2),
  ];
  printColumns(
    ['median', 'ours', 'plain nats.js', 'ratio'],
    [
      ...connects(`connect over TCP, ms (${times})`, connect),
      ...connects(`connect over TCP, the first of a process, ms (${FIRST})`, connectFirst),
      ...connects(`connect over TLS, ms (${times})`, connectTls),
      row(`back after a restart of the server, ms (${restarts})`, reconnect.ours, reconnect.plain, 1),
      row(
        `${crowd} connections back, ms`,
        median(ours.msUntilAllAreBack),
        median(plain.msUntilAllAreBack),
        0,
      ),
      row(
        'memory of a connection, KiB',
        ours.bytesPerConnection / 1_024,
        plain.bytesPerConnection / 1_024,
        1,
      ),
    ],
  );
  const calls = `${ours.callsToConnect} to connect, ${ours.callsPerRestart.join(', ')} after the restarts`;
  console.log(`\nProvider calls for ${crowd} connections: ${calls}.`);
}
