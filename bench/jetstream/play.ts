import { setTimeout as pause } from 'node:timers/promises';

import { eventually, type NatsServer, type NatsServerRelease } from '../../libs/testing/index.js';

import { type FaultProxy, startFaultProxy } from '../../test/support/fault-proxy.js';
import { createOperatorMode, type OperatorMode } from '../../test/support/operator-mode.js';
import type { JetStreamDriver } from './drivers/driver.js';
import type { Result } from './result.js';
import type { Run } from './runs.js';
import {
  type JetStreamServers,
  startJetStreamCluster,
  startJetStreamServer,
} from './scenes/jetstream-servers.js';
import { openOurs } from './systems/ours.js';
import { openPlain } from './systems/plain.js';
import type { System } from './systems/system.js';
import { startWorkload } from './workload/workload.js';

/** Where and on what a run is played. */
export interface Stage {
  readonly system: 'ours' | 'plain';
  readonly driver: JetStreamDriver;
  readonly release: NatsServerRelease;
  /** Default: 20 MB. */
  readonly objectBytes?: number;
  /** As of the workload. */
  readonly quietMs?: number;
}

const OBJECT_BYTES = 20_000_000;
/** Before and after what happens to the connection, so that all is under way. */
const CALM_MS = 1_000;
const TESTED = 'tested';
/**
 * The shortest lame-duck mode that nats-server takes: it ends as soon as the last client has gone. A busy machine may take longer than
 * the usual 2 s to answer a nonce.
 */
const SERVER = 'lame_duck_duration: "30s"\nlame_duck_grace_period: "2s"\nauthorization { timeout: 20 }\n';

/** Plays a run on a server of its own, which is gone afterwards. */
export async function play(run: Run, stage: Stage): Promise<Result> {
  const operator = await createOperatorMode({ jetStream: true });
  const start = run.cluster ? startJetStreamCluster : startJetStreamServer;
  const servers = await start({ config: SERVER + (await operator.config()), release: stage.release });
  try {
    return await playOn(servers, operator, run, stage);
  } finally {
    await servers.stop();
  }
}

async function playOn(
  servers: JetStreamServers,
  operator: OperatorMode,
  run: Run,
  { system: name, driver, objectBytes = OBJECT_BYTES, quietMs }: Stage,
): Promise<Result> {
  const lasting = await operator.mintUser();
  const peer = await driver.connect({ servers: [servers.aside.url], name: 'peer' }, () => lasting);
  const proxy = run.roundTripMs > 0 ? await distant(servers.aside, run.roundTripMs) : undefined;
  const urls = proxy ? [proxy.url] : servers.servers.map(({ url }) => url);
  const system = await open(name, urls, operator, run, driver);
  try {
    const workload = await startWorkload({
      driver,
      tested: system.nc,
      peer,
      replicas: servers.replicas,
      handlerMs: run.handlerMs,
      objectBytes,
      quietMs,
    });
    await pause(CALM_MS);
    if (run.cluster) await upgrade(servers);
    else await disturb(run, system, operator, servers.aside);
    await pause(CALM_MS);
    const counted = await workload.finish();
    return {
      run: run.run,
      system: name,
      driver: driver.name,
      server: servers.aside.version,
      rotations: system.tookMs.length,
      msLongestRotation: Math.round(Math.max(0, ...system.tookMs)),
      failedRotations: system.failedRotations,
      kicks: run.kicks,
      upgradedServers: run.cluster ? servers.servers.length : 0,
      ...counted,
    };
  } finally {
    await system.close();
    await peer.close();
    await proxy?.stop();
  }
}

async function distant({ port }: NatsServer, roundTripMs: number): Promise<FaultProxy> {
  const proxy = await startFaultProxy({ port });
  proxy.treat({ pace: { latencyMs: roundTripMs / 2 } });
  return proxy;
}

function open(
  name: Stage['system'],
  servers: string[],
  operator: OperatorMode,
  { userForMs, providerMs, mode }: Run,
  driver: JetStreamDriver,
): Promise<System> {
  const options = {
    driver,
    servers,
    name: TESTED,
    mint: () => operator.mintUser({ expiresInMs: userForMs }),
  };
  return name === 'ours' ? openOurs({ ...options, mode, providerMs }) : openPlain(options);
}

/** Rotates, or has the server end the connection, once in so long. */
async function disturb(run: Run, system: System, operator: OperatorMode, server: NatsServer): Promise<void> {
  if (run.rotations === 'by itself') return pause(run.lastsMs);
  const rotations: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let n = 0; n < Math.max(run.rotations, run.kicks); n++) {
    await pause(Math.max(0, startedAt + n * run.everyMs - performance.now()));
    // One that failed is counted by the system.
    if (n < run.rotations) rotations.push(system.rotate().catch(() => {}));
    if (n < run.kicks) await kick(operator, server);
  }
  await pause(Math.max(0, startedAt + run.lastsMs - performance.now()));
  await Promise.all(rotations);
  // One that was asked for while another was under way has joined it.
  for (let n = 0; n < run.rotations && system.tookMs.length + system.failedRotations < run.rotations; n++)
    await system.rotate().catch(() => {});
}

async function kick(operator: OperatorMode, server: NatsServer): Promise<void> {
  const tested = (await server.connections()).filter(({ name }) => name === TESTED);
  for (const connection of tested) await operator.kick(server, connection);
}

async function upgrade({ servers, formed }: JetStreamServers): Promise<void> {
  for (const server of servers) {
    server.lameDuck();
    await server.ended();
    await server.restart();
    await formed();
    await eventually(async () => (await fetch(`${server.monitorUrl}/healthz`)).ok, {
      what: 'the streams of the server to be there',
      timeoutMs: 60_000,
    });
    await pause(CALM_MS);
  }
}
