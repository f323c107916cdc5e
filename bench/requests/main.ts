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
import { MAIN_SYSTEMS, SYSTEMS, type SystemName } from './systems/system.js';
import type { ClosedLoop } from './throughput/closed-loop.js';
import { compareEvents, type EventRow, measureEvents, printEvents } from './throughput/events.js';
import { compareRequests, measureRequests, printRequests, type RequestRow } from './throughput/requests.js';

/** Processes rest while the others have their turn, and V8 throws away compiled code of one that rests: a service under load never does. */
const STAYS_COMPILED = '--no-flush-bytecode';

type Contestants<System extends SystemName = SystemName> = Record<System, Contestant>;

/** What was measured; a part that was not asked for is absent. */
interface Result {
  rows?: RequestRow[];
  events?: EventRow[];
  latency?: LatencyRow[];
  memory?: MemoryFigures;
}

const options = readOptions();
const { rounds, ms, parts, requests, subscriptions, memoryRounds } = options;
const WARM_UP: ClosedLoop = { concurrency: 64, payloadBytes: 16, ms: options.warmUpMs };
const result = await run();
if (options.json)
  console.log(JSON.stringify({ ...machine(), nest: Number(options.nest), rounds, ms, ...result }));
else print(result);

async function run(): Promise<Result> {
  const nats = await startMeasuredServer();
  try {
    const stage = { nats, peer: await peerFor(options.nest) };
    return {
      ...(parts.has('requests') && { rows: await requestRows(stage) }),
      ...(parts.has('events') && { events: await eventRows(stage) }),
      ...(parts.has('latency') && { latency: await latencyRows(stage) }),
      ...(parts.has('memory') && {
        memory: await compareMemory(stage, { requests, subscriptions }, memoryRounds),
      }),
    };
  } finally {
    await nats.stop();
  }
}

async function requestRows(stage: Stage): Promise<RequestRow[]> {
  const rows: RequestRow[] = [];
  for (const concurrency of options.concurrency)
    for (const payloadBytes of options.payloads) {
      const compare = (contestants: Contestants) =>
        compareRequests(contestants, { concurrency, payloadBytes, ms }, rounds);
      rows.push(await amongWarm(stage, SYSTEMS, { ...WARM_UP, payloadBytes }, compare));
    }
  return rows;
}

async function eventRows(stage: Stage): Promise<EventRow[]> {
  const rows: EventRow[] = [];
  for (const concurrency of options.concurrency)
    rows.push(
      await amongWarm(stage, MAIN_SYSTEMS, WARM_UP, async (contestants) => {
        for (const contestant of Object.values(contestants))
          await measureEvents(contestant, { ...WARM_UP, then: 'flush' });
        return compareEvents(contestants, { concurrency, payloadBytes: 16, ms }, rounds);
      }),
    );
  return rows;
}

function latencyRows(stage: Stage): Promise<LatencyRow[]> {
  return amongWarm(stage, MAIN_SYSTEMS, WARM_UP, async (contestants) => {
    const most = await saturation(contestants, rounds, ms);
    const rows: LatencyRow[] = [];
    for (const load of options.loads) {
      const rate = { load, requestsPerSecond: Math.round(most * load) };
      rows.push(await compareLatencies(contestants, rate, { rounds, ms: options.latencyMs }));
    }
    return rows;
  });
}

/** Compares new processes, once they are warm: what V8 has learned of one load would be in the figures of the next. */
async function amongWarm<T, System extends SystemName>(
  stage: Stage,
  systems: readonly System[],
  warmUp: ClosedLoop,
  compare: (contestants: Contestants<System>) => Promise<T>,
): Promise<T> {
  const started: Contestant[] = [];
  try {
    const start = (system: SystemName) =>
      Contestant.start(system, stage, (role) => nodeOptions(system, role));
    for (const system of systems) started.push(await start(system));
    for (const contestant of started) await measureRequests(contestant, warmUp);
    return await compare(Object.fromEntries(started.map((one) => [one.system, one])) as Contestants<System>);
  } finally {
    await Promise.all(started.map((contestant) => contestant.end()));
  }
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
