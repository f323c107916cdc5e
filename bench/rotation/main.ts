// Rotates a responder and a caller under load, and counts what is lost, comes again or fails: handover, reconnecting in
// place, and plain nats.js side by side. Options: --rotations N (of each role), --rate N (requests/s), --quick, --json.
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { startNatsServer } from 'nestjs-nats-auth/testing';

import { createOperatorMode } from '../../test/support/operator-mode.js';
import { heardAll } from '../peers/heard-all.js';
import { PeerProcess } from '../peers/peer-process.js';
import type { Mode, Sent, Window } from '../peers/protocol.js';
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

const rotations = values.quick ? 5 : Number(values.rotations);
const rate = values.quick ? 1_000 : Number(values.rate);

const rows = [];
for (const mode of MODES) rows.push(await run(mode, rotations, rate));
if (values.json) console.log(JSON.stringify(rows));
else printTable(rows);
const [handover] = rows;
process.exitCode =
  handover && handover.lost + handover.duplicated + handover.failedSends + handover.failedRotations === 0
    ? 0
    : 1;

async function run(mode: Mode, rotations: number, perSecond: number) {
  const operator = await createOperatorMode();
  const server = await startNatsServer({ config: await operator.config() });
  const mint = async () => ({ creds: (await operator.mintUser({ expiresInMs: 600_000 })).creds });
  const responder = await PeerProcess.start({ role: 'responder', mode, servers: [server.url] }, mint);
  const caller = await PeerProcess.start({ role: 'caller', mode, servers: [server.url] }, mint);
  const windows: Window[] = [];
  let failedRotations = 0;
  const startedAt = Date.now();
  await caller.ask({ do: 'load', perSecond });
  for (const peer of [responder, caller]) {
    for (let rotation = 0; rotation < rotations; rotation++) {
      await pause(BETWEEN_ROTATIONS_MS);
      const from = Date.now();
      if ((await peer.ask({ do: 'rotate' })) !== 'rotated') failedRotations++;
      windows.push([from, Date.now()]);
    }
  }
  const seconds = (Date.now() - startedAt) / 1_000;
  const sent = (await caller.ask({ do: 'stop', windows })) as Sent;
  const heard = await heardAll(responder, sent);
  await Promise.all([responder.end(), caller.end()]);
  await server.stop();
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
