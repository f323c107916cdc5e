// Requests and events on NestJS's own transport, on this package without and with traces, on nats.js alone, and on as little as can be: each
// system has a caller and a responder in processes of their own, all on one nats-server, and they take turns. Options: --nest 11|12, --parts
// requests,events,latency,memory, --rounds N, --ms N (of each measurement of a closed loop), --concurrency 1,64,512, --payload 16,1024,16384 (bytes),
// --load 0.3 (of what the stock transport can do, for latencies), --profile FOLDER (for CPU profiles), --quick, --json.
import { machine } from '../machine.js';
import { startMeasuredServer } from '../server-process.js';
import { Contestant, type Stage } from './contestant.js';
import { compareLatencies, type LatencyRow, printLatencies, saturation } from './latency/latency.js';
import { compareMemory, type MemoryFigures, printMemory } from './memory/memory.js';
import { peerFor } from './nest-lane.js';
import { readOptions } from './options.js';
import { SYSTEMS, type SystemName } from './systems/system.js';
import { compareEvents, type EventRow, measureEvents, printEvents } from './throughput/events.js';
import { compareRequests, measureRequests, printRequests, type RequestRow } from './throughput/requests.js';

/** Processes rest while the others have their turn, and V8 throws away compiled code of one that rests: a service under load never does. */
const STAYS_COMPILED = '--no-flush-bytecode';

type Contestants = Record<SystemName, Contestant>;

/** What was measured; a part that was not asked for is absent. */
interface Result {
  rows?: RequestRow[];
  events?: EventRow[];
  latency?: LatencyRow[];
  memory?: MemoryFigures;
}

const options = readOptions();
const { rounds, ms, parts, requests, subscriptions, memoryRounds } = options;
const result = await run();
if (options.json)
  console.log(JSON.stringify({ ...machine(), nest: Number(options.nest), rounds, ms, ...result }));
else print(result);

async function run(): Promise<Result> {
  const nats = await startMeasuredServer();
  try {
    const stage = { nats, peer: await peerFor(options.nest) };
    const loads = parts.has('requests') || parts.has('events') || parts.has('latency');
    return {
      ...(loads && (await underLoad(stage))),
      ...(parts.has('memory') && {
        memory: await compareMemory(stage, { requests, subscriptions }, memoryRounds),
      }),
    };
  } finally {
    await nats.stop();
  }
}

async function underLoad(stage: Stage): Promise<Result> {
  const started: Contestant[] = [];
  try {
    const start = (system: SystemName) =>
      Contestant.start(system, stage, (role) => nodeOptions(system, role));
    for (const system of SYSTEMS) started.push(await start(system));
    for (const contestant of started) await warmUp(contestant);
    const contestants = Object.fromEntries(started.map((one) => [one.system, one])) as Contestants;
    return {
      ...(parts.has('requests') && { rows: await requestRows(contestants) }),
      ...(parts.has('events') && { events: await eventRows(contestants) }),
      ...(parts.has('latency') && { latency: await latencyRows(contestants) }),
    };
  } finally {
    await Promise.all(started.map((contestant) => contestant.end()));
  }
}

async function warmUp(contestant: Contestant): Promise<void> {
  const load = { concurrency: 64, payloadBytes: 16, ms: options.warmUpMs };
  await measureRequests(contestant, load);
  // nats.js alone has no handler of events.
  if (parts.has('events') && contestant.system !== 'plain')
    await measureEvents(contestant, { ...load, then: 'flush' });
}

async function requestRows(contestants: Contestants): Promise<RequestRow[]> {
  const rows: RequestRow[] = [];
  for (const concurrency of options.concurrency)
    for (const payloadBytes of options.payloads)
      rows.push(await compareRequests(contestants, { concurrency, payloadBytes, ms }, rounds));
  return rows;
}

async function eventRows(contestants: Contestants): Promise<EventRow[]> {
  const rows: EventRow[] = [];
  for (const concurrency of options.concurrency)
    rows.push(await compareEvents(contestants, { concurrency, payloadBytes: 16, ms }, rounds));
  return rows;
}

async function latencyRows(contestants: Contestants): Promise<LatencyRow[]> {
  const most = await saturation(contestants, rounds, ms);
  const rows: LatencyRow[] = [];
  for (const load of options.loads) {
    const rate = { load, requestsPerSecond: Math.round(most * load) };
    rows.push(await compareLatencies(contestants, rate, { rounds, ms: options.latencyMs }));
  }
  return rows;
}

function nodeOptions(system: SystemName, role: string): string[] {
  if (options.profile === undefined) return [STAYS_COMPILED];
  const name = `${system}-${role}.cpuprofile`;
  return [STAYS_COMPILED, '--cpu-prof', `--cpu-prof-dir=${options.profile}`, `--cpu-prof-name=${name}`];
}

function print({ rows = [], events = [], latency = [], memory }: Result): void {
  printRequests(rows);
  printEvents(events);
  printLatencies(latency);
  if (memory) printMemory(memory);
}
