// Requests through NestJS with metrics on and off, in one process and in turns, so that all have the same machine. A
// second side without metrics tells how far two equal sides are apart.
// Options: --rounds N (of each side), --requests N (in a round), --quick (judges nothing), --json.
import { Controller, type INestMicroservice, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import { NatsAuthClient, NatsAuthModule, natsAuthTransport } from 'nestjs-nats-auth';
import { type NatsServer, startNatsServer } from 'nestjs-nats-auth/testing';
import { parseArgs } from 'node:util';
import { Registry } from 'prom-client';
import { firstValueFrom } from 'rxjs';

import { median } from '../stats.js';
import { compare } from './statistics.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '150' },
    requests: { type: 'string', default: '1500' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const ROUNDS = values.quick ? 12 : Number(values.rounds);
const REQUESTS = values.quick ? 300 : Number(values.requests);
/** Requests under way at once. */
const CONCURRENCY = 64;
/** Rounds that only warm up the compiler. */
const WARM_UP = 10;
/** Which part of the throughput metrics may cost before this fails. */
const TOLERANCE = 0.03;
const SIDES = ['on', 'off', 'offAgain'] as const;
type Side = (typeof SIDES)[number];

@Controller()
class Echo {
  @MessagePattern('echo')
  echo(value: number): number {
    return value;
  }
}

const servers = await Promise.all(SIDES.map(() => startNatsServer()));
const apps = new Map<Side, INestMicroservice>();
for (const [i, side] of SIDES.entries()) apps.set(side, await start(side, servers[i]));
const perSecond: Record<Side, number[]> = { on: [], off: [], offAgain: [] };
for (let round = -WARM_UP; round < ROUNDS; round++) {
  // No side always comes after the same other.
  const turn = (round + WARM_UP) % SIDES.length;
  for (const side of [...SIDES.slice(turn), ...SIDES.slice(0, turn)]) {
    const rate = await load(side);
    if (round >= 0) perSecond[side].push(rate);
  }
}
await Promise.all([...apps.values()].map((app) => app.close()));
await Promise.all(servers.map((server) => server.stop()));

const cost = compare(perSecond.on, perSecond.off);
const noise = compare(perSecond.offAgain, perSecond.off);
const result = {
  rounds: ROUNDS,
  requestsPerRound: REQUESTS,
  requestsPerSecond: {
    on: Math.round(median(perSecond.on)),
    off: Math.round(median(perSecond.off)),
    offAgain: Math.round(median(perSecond.offAgain)),
  },
  onToOff: cost,
  offAgainToOff: noise,
};
if (values.json) console.log(JSON.stringify(result));
else {
  const { on, off, offAgain } = result.requestsPerSecond;
  const line = (what: string, rate: number, { ratio, from, to }: typeof cost) =>
    `| ${what.padEnd(21)} | ${String(rate).padStart(10)} | ${ratio.toFixed(3)} (${from.toFixed(3)} to ${to.toFixed(3)}) |`;
  console.log(`${ROUNDS} rounds of ${REQUESTS} requests for each side, ${CONCURRENCY} under way at once`);
  console.log('|                       | requests/s | to metrics off, median (95 %) |');
  console.log(line('metrics off', off, { ratio: 1, from: 1, to: 1 }));
  console.log(line('metrics off, again', offAgain, noise));
  console.log(line('metrics on', on, cost));
}
process.exitCode = cost.to < 1 - TOLERANCE && !values.quick ? 1 : 0;

/** A service and its client on a server of their own. */
async function start(side: Side, server: NatsServer | undefined): Promise<INestMicroservice> {
  @Module({
    imports: [
      NatsAuthModule.forRoot({
        connection: { servers: server?.url },
        userInfoProvider: { getUserInfo: () => ({ user: 'anybody', pass: 'anything' }) },
        metrics: side === 'on' ? { registry: new Registry() } : false,
      }),
    ],
    controllers: [Echo],
  })
  class AppModule {}
  const app = await NestFactory.createMicroservice(AppModule, { ...natsAuthTransport(), logger: false });
  await app.listen();
  await app.get(NatsAuthClient).connect();
  return app;
}

/** Requests a second. */
async function load(side: Side): Promise<number> {
  const client = apps.get(side)?.get(NatsAuthClient);
  if (!client) throw new Error(`Side '${side}' was not started.`);
  let sent = 0;
  const startedAt = performance.now();
  const worker = async () => {
    while (sent < REQUESTS) await firstValueFrom(client.send('echo', sent++));
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return (REQUESTS / (performance.now() - startedAt)) * 1_000;
}
