// Rotates a responder and a caller under load, and counts what is lost, comes again or fails: handover, reconnecting in
// place, and plain nats.js side by side, and a handover between servers behind one address. Options: --rotations N (of each
// role), --rate N (requests/s; a quarter of that through the balancer), --quick, --json.
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { startNatsServer } from 'nestjs-nats-auth/testing';

import { startBalancedCluster } from '../../test/support/balanced-cluster.js';
import { createOperatorMode, type OperatorMode } from '../../test/support/operator-mode.js';
import { startLoads, stopLoads } from '../peers/callers.js';
import { heardAll } from '../peers/heard-all.js';
import { PeerProcess } from '../peers/peer-process.js';
import type { Mode, PeerOptions, Window } from '../peers/protocol.js';
import { printTable } from '../table.js';

const { values } = parseArgs({
  options: {
    rotations: { type: 'string', default: '50' },
    rate: { type: 'string', default: '4000' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const MODES: Mode[] = ['handover', 'reconnect', 'plain nats.js reconnect()'];
const BETWEEN_ROTATIONS_MS = 50;
/** For how long what one server tells another is on its way behind the balancer. */
const ROUTE_DELAY_MS = 20;

const rotations = values.quick ? 5 : Number(values.rotations);
const perSecond = values.quick ? 1_000 : Number(values.rate);

const rows = [];
for (const mode of MODES) rows.push(await run(mode));
rows.push(await runThroughBalancer());
if (values.json) console.log(JSON.stringify(rows));
else printTable(rows);
const handovers = rows.filter(({ mode }) => mode.startsWith('handover'));
process.exitCode = handovers.every(
  ({ lost, duplicated, failedSends, failedRotations }) =>
    lost + duplicated + failedSends + failedRotations === 0,
)
  ? 0
  : 1;

async function run(mode: Mode) {
  const operator = await createOperatorMode();
  const server = await startNatsServer({ config: await operator.config() });
  const start = startPeers(operator, mode);
  const [responder, caller] = [await start('responder', server.url), await start('caller', server.url)];
  const row = await measure(mode, { responder, callers: [caller], rotating: [responder, caller], perSecond });
  await server.stop();
  return row;
}

/** A responder and a caller that rotate from server to server, while callers of each server send as well. */
async function runThroughBalancer() {
  const operator = await createOperatorMode();
  const cluster = await startBalancedCluster({
    config: await operator.config(),
    routeDelaysMs: [ROUTE_DELAY_MS, ROUTE_DELAY_MS, ROUTE_DELAY_MS],
  });
  const start = startPeers(operator, 'handover');
  const [responder, caller] = [await start('responder', cluster.url), await start('caller', cluster.url)];
  const callers = [caller];
  for (const { url } of cluster.servers) callers.push(await start('caller', url));
  // Interest spreads before the load begins.
  await pause(1_000);
  const row = await measure('handover, through a balancer', {
    responder,
    callers,
    rotating: [responder, caller],
    perSecond: perSecond / 4,
  });
  await cluster.stop();
  return row;
}

function startPeers(operator: OperatorMode, mode: Mode) {
  const mint = async () => ({ creds: (await operator.mintUser({ expiresInMs: 600_000 })).creds });
  return (role: PeerOptions['role'], url: string) => PeerProcess.start({ role, mode, servers: [url] }, mint);
}

interface Scene {
  readonly responder: PeerProcess;
  readonly callers: readonly PeerProcess[];
  /** Who rotates, one after the other. */
  readonly rotating: readonly PeerProcess[];
  readonly perSecond: number;
}

async function measure(mode: string, { responder, callers, rotating, perSecond }: Scene) {
  const windows: Window[] = [];
  let failedRotations = 0;
  const startedAt = Date.now();
  await startLoads(callers, perSecond);
  for (const peer of rotating) {
    for (let rotation = 0; rotation < rotations; rotation++) {
      await pause(BETWEEN_ROTATIONS_MS);
      const from = Date.now();
      if ((await peer.ask({ do: 'rotate' })) !== 'rotated') failedRotations++;
      windows.push([from, Date.now()]);
    }
  }
  const seconds = (Date.now() - startedAt) / 1_000;
  const sent = await stopLoads(callers, windows);
  const heard = await heardAll(responder, sent);
  await Promise.all([responder, ...callers].map((peer) => peer.end()));
  const lostEvents = Math.max(0, sent.events - heard.events.distinct);
  const lostQueued = Math.max(0, sent.queued - heard.queued.distinct);
  return {
    mode,
    rotations: windows.length,
    failedRotations,
    requests: sent.requests,
    requestsPerSecond: Math.round(sent.requests / seconds),
    lost: sent.unanswered + lostEvents + lostQueued,
    lostRequests: sent.unanswered,
    events: sent.events,
    lostEvents,
    queuedEvents: sent.queued,
    lostQueued,
    duplicated: heard.requests.again + heard.events.again + heard.queued.again,
    failedSends: sent.failedSends,
    inside: sent.inside,
    outside: sent.outside,
  };
}
