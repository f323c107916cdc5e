// A rolling upgrade: each node of a three-node cluster is put into lame-duck mode, ends and is started again, under load on
// this package and on NestJS's own transport side by side. Options: --rate N (requests/s of each), --quick, --json.
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { eventually, type NatsServer, startNatsCluster } from 'nestjs-nats-auth/testing';

import { createOperatorMode } from '../../test/support/operator-mode.js';
import { heardAll } from '../peers/heard-all.js';
import { PeerProcess } from '../peers/peer-process.js';
import type { Mode, Sent } from '../peers/protocol.js';
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

const MODES: Mode[] = ['handover', 'stock NestJS transport'];

const rows = [];
for (const mode of MODES) rows.push(await run(mode, values.quick ? 300 : Number(values.rate)));
if (values.json) console.log(JSON.stringify(rows));
else printTable(rows);
const [ours] = rows;
process.exitCode = ours && ours.lost + ours.duplicated + ours.failedSends === 0 ? 0 : 1;

async function run(mode: Mode, perSecond: number) {
  const operator = await createOperatorMode();
  const cluster = await startNatsCluster(3, { config: LAME_DUCK + (await operator.config()) });
  const mint = async () => ({ creds: (await operator.mintUser({ expiresInMs: 600_000 })).creds });
  const servers = cluster.urls;
  const responder = await PeerProcess.start({ role: 'responder', mode, servers }, mint);
  const caller = await PeerProcess.start({ role: 'caller', mode, servers }, mint);
  // Interest spreads before the load begins.
  await pause(1_000);
  await caller.ask({ do: 'load', perSecond });
  await pause(1_000);
  for (const server of cluster.servers) {
    await upgrade(server);
    await cluster.formed();
    await pause(1_000);
  }
  const sent = (await caller.ask({ do: 'stop', windows: [] })) as Sent;
  const heard = await heardAll(responder, sent);
  await Promise.all([responder.end(), caller.end()]);
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

async function upgrade(server: NatsServer): Promise<void> {
  server.lameDuck();
  const ended = () =>
    fetch(server.monitorUrl).then(
      () => false,
      () => true,
    );
  await eventually(ended, { what: 'the server to end', timeoutMs: 60_000, everyMs: 100 });
  await server.restart();
}
