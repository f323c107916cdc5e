// Requests on NestJS's own transport, on this package without and with traces, and on nats.js alone: each system has a caller and a responder in
// processes of their own, all on one nats-server, and they take turns. Options: --nest 11|12, --rounds N, --ms N (of each
// measurement), --concurrency 1,64,512, --payload 16,1024,16384 (bytes), --profile FOLDER (for CPU profiles), --quick, --json.
import { parseArgs } from 'node:util';

import { printColumns } from '../columns.js';
import { machine } from '../machine.js';
import { startMeasuredServer } from '../server-process.js';
import { round } from '../stats.js';
import { Contestant, type Figures, medianOf, timesOf } from './contestant.js';
import { peerFor } from './nest-lane.js';
import { SYSTEMS, type SystemName } from './systems/system.js';

const { values } = parseArgs({
  options: {
    nest: { type: 'string', default: '12' },
    rounds: { type: 'string', default: '5' },
    ms: { type: 'string', default: '1500' },
    concurrency: { type: 'string', default: '1,64,512' },
    payload: { type: 'string', default: '16,1024,16384' },
    profile: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const rounds = values.quick ? 3 : Number(values.rounds);
const ms = values.quick ? 400 : Number(values.ms);
const WARM_UP_MS = values.quick ? 1_000 : 3_000;

/** The medians of one combination, system by system. */
interface Row {
  readonly concurrency: number;
  readonly payloadBytes: number;
  readonly figures: Record<SystemName, Figures>;
  /** How many times the figure of the stock transport in the same round. */
  readonly timesStock: Record<SystemName, Figures>;
}

const rows = await run();
if (values.json) console.log(JSON.stringify({ ...machine(), nest: Number(values.nest), rounds, ms, rows }));
else print(rows);

async function run(): Promise<Row[]> {
  const peer = await peerFor(values.nest);
  const nats = await startMeasuredServer();
  const contestants: Contestant[] = [];
  try {
    for (const system of SYSTEMS)
      contestants.push(await Contestant.start(system, nats, peer, values.profile));
    for (const contestant of contestants)
      await contestant.measure({ concurrency: 64, payloadBytes: 16, ms: WARM_UP_MS });
    const rows: Row[] = [];
    for (const concurrency of numbers(values.concurrency))
      for (const payloadBytes of numbers(values.payload))
        rows.push(await compare(contestants, concurrency, payloadBytes));
    return rows;
  } finally {
    await Promise.all(contestants.map((contestant) => contestant.end()));
    await nats.stop();
  }
}

/** Whoever goes first in one round goes last in the next. */
async function compare(contestants: Contestant[], concurrency: number, payloadBytes: number): Promise<Row> {
  const measured: Record<SystemName, Figures[]> = { stock: [], ours: [], traced: [], plain: [] };
  const order = [...contestants];
  for (let round = 0; round < rounds; round++) {
    for (const contestant of order)
      measured[contestant.system].push(await contestant.measure({ concurrency, payloadBytes, ms }));
    order.push(...order.splice(0, 1));
  }
  const each = (of: (rounds: readonly Figures[]) => Figures) =>
    Object.fromEntries(SYSTEMS.map((system) => [system, of(measured[system])])) as Record<
      SystemName,
      Figures
    >;
  return {
    concurrency,
    payloadBytes,
    figures: each(medianOf),
    timesStock: each((rounds) => timesOf(measured.stock, rounds)),
  };
}

function print(rows: readonly Row[]): void {
  const heading = ['concurrency', 'payload, B', 'system', 'requests/s', '× stock', 'client µs', '× stock'];
  heading.push('responder µs', '× stock', 'nats-server µs', '× stock');
  const cells = rows.flatMap(({ concurrency, payloadBytes, figures, timesStock }) =>
    SYSTEMS.map((system) => {
      const against = (figure: keyof Figures, digits: number) => {
        const [value = NaN, times = NaN] = [figures[system][figure], timesStock[system][figure]];
        return [round(value, digits), times.toFixed(2)];
      };
      return [
        ...[
          concurrency,
          payloadBytes,
          system,
          ...against('requestsPerSecond', 0),
          ...against('clientCpu', 1),
        ],
        ...[...against('responderCpu', 1), ...against('natsServerCpu', 1)],
      ];
    }),
  );
  printColumns(heading, cells);
}

function numbers(list: string): number[] {
  return list.split(',').map(Number);
}
