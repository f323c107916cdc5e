// A rolling upgrade: each node of a three-node cluster is put into lame-duck mode, ends and is started again, under load on
// this package and on NestJS's own transport side by side, and behind one address. Options: --rate N (requests/s of each), --quick,
// --json.
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { eventually, type NatsServer, startNatsCluster } from 'nestjs-nats-auth/testing';

import { startBalancedCluster } from '../../test/support/balanced-cluster.js';
import { createOperatorMode } from '../../test/support/operator-mode.js';
import { heardAll } from '../peers/heard-all.js';
import { startLoads, stopLoads } from '../peers/callers.js';
import { PeerProcess } from '../peers/peer-process.js';
import type { Mode } from '../peers/protocol.js';
import { printTable } from '../table.js';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '1000' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
// The shortest that nats-server takes; it ends as soon as the last client has gone.
const LAME_DUCK = 'lame_duck_duration: "30s"\nlame_duck_grace_period: "2s"\n';

/** For how long what one server tells another is on its way behind the balancer. */
const ROUTE_DELAY_MS = 20;
/** Behind the balancer each of them is on another server at first. */
const CALLERS_BEHIND_BALANCER = 3;

const perSecond = values.quick ? 300 : Number(values.rate);
const rows = [
  await run('handover'),
  await run('stock NestJS transport'),
  await runThroughBalancer('handover, through a balancer'),
];
if (values.json) console.log(JSON.stringify(rows));
else printTable(rows);
const ours = rows.filter(({ mode }) => mode.startsWith('handover'));
process.exitCode = ours.every(({ lost, duplicated, failedSends }) => lost + duplicated + failedSends === 0)
  ? 0
  : 1;

async function run(mode: Mode) {
  const { config, mint } = await operatorMode();
  const cluster = await startNatsCluster(3, { config });
  const peer = { mode, servers: cluster.urls };
  const responder = await PeerProcess.start({ role: 'responder', ...peer }, mint);
  const callers = [await PeerProcess.start({ role: 'caller', ...peer }, mint)];
  return measure(mode, cluster, responder, callers);
}

/** Clients know one address only, and nobody tells them of the servers behind it. */
async function runThroughBalancer(row: string) {
  const { config, mint } = await operatorMode();
  const routeDelaysMs = [ROUTE_DELAY_MS, ROUTE_DELAY_MS, ROUTE_DELAY_MS] as const;
  const cluster = await startBalancedCluster({ config, routeDelaysMs });
  const peer = { mode: 'handover' as const, servers: [cluster.url] };
  const responder = await PeerProcess.start({ role: 'responder', ...peer }, mint);
  const callers: PeerProcess[] = [];
  while (callers.length < CALLERS_BEHIND_BALANCER)
    callers.push(await PeerProcess.start({ role: 'caller', ...peer }, mint));
  return measure(row, cluster, responder, callers);
}

async function operatorMode() {
  const operator = await createOperatorMode();
  const mint = async () => ({ creds: (await operator.mintUser({ expiresInMs: 600_000 })).creds });
  return { config: LAME_DUCK + (await operator.config()), mint };
}

interface Cluster {
  readonly servers: readonly Upgraded[];
  formed(): Promise<void>;
  stop(): Promise<void>;
}

type Upgraded = Pick<NatsServer, 'lameDuck' | 'monitorUrl' | 'restart'>;

async function measure(
  mode: string,
  cluster: Cluster,
  responder: PeerProcess,
  callers: readonly PeerProcess[],
) {
  // Interest spreads before the load begins.
  await pause(1_000);
  await startLoads(callers, perSecond);
  await pause(1_000);
  for (const server of cluster.servers) {
    await upgrade(server);
    await cluster.formed();
    await pause(1_000);
  }
  const sent = await stopLoads(callers, []);
  const heard = await heardAll(responder, sent);
  await Promise.all([responder, ...callers].map((peer) => peer.end()));
  await cluster.stop();
  const lostEvents =
    Math.max(0, sent.events - heard.events.distinct) + Math.max(0, sent.queued - heard.queued.distinct);
  return {
    mode,
    upgradedNodes: cluster.servers.length,
    requests: sent.requests,
    lost: sent.unanswered + lostEvents,
    lostRequests: sent.unanswered,
    events: sent.events + sent.queued,
    lostEvents,
    duplicated: heard.requests.again + heard.events.again + heard.queued.again,
    failedSends: sent.failedSends,
    latency: sent.outside,
  };
}

async function upgrade(server: Upgraded): Promise<void> {
  server.lameDuck();
  const ended = () =>
    fetch(server.monitorUrl).then(
      () => false,
      () => true,
    );
  await eventually(ended, { what: 'the server to end', timeoutMs: 60_000, everyMs: 100 });
  await server.restart();
}
