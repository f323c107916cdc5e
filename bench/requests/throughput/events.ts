import { type BySystem, compare, type Comparison, takeTurns, timesOf } from '../comparison.js';
import type { Contestant } from '../contestant.js';
import { printComparison } from '../print.js';
import type { EventLoad } from './event-loop.js';

/** `flushed` is the stock transport whose caller flushes once a turn, to know as much as with the others. */
const LANES = {
  stock: { system: 'stock', then: 'turn' },
  flushed: { system: 'stock', then: 'flush' },
  ours: { system: 'ours', then: 'nothing' },
  bare: { system: 'bare', then: 'flush' },
} as const;

type Lane = keyof typeof LANES;
const LANE_NAMES = Object.keys(LANES) as Lane[];

const FIGURES = ['eventsPerSecond', 'clientCpu', 'responderCpu', 'natsServerCpu'] as const;
type Figure = (typeof FIGURES)[number];

/** So many events of such a size; CPU times are in µs for each event. */
export interface EventRow extends Comparison<Lane, Figure> {
  readonly concurrency: number;
  readonly payloadBytes: number;
  readonly timesFlushed: BySystem<Lane, Figure>;
}

/** Events of each system in a closed loop. */
export async function compareEvents(
  contestants: Record<(typeof LANES)[Lane]['system'], Contestant>,
  load: Omit<EventLoad, 'then'>,
  rounds: number,
): Promise<EventRow> {
  const { concurrency, payloadBytes } = load;
  const measured = await takeTurns(LANE_NAMES, rounds, (lane) => {
    const { system, then } = LANES[lane];
    return measureEvents(contestants[system], { ...load, then });
  });
  const timesFlushed = timesOf(measured, 'flushed', FIGURES);
  return { concurrency, payloadBytes, ...compare(measured, FIGURES), timesFlushed };
}

/** They are done when the responder has handled the last of them, and none is lost. */
export async function measureEvents(contestant: Contestant, load: EventLoad) {
  const measured = await contestant.cpuOf(async () => {
    const { done, from } = await contestant.caller.ask('emit', load);
    return { done, from, to: await contestant.responder.ask('heard', done) };
  });
  return { ...measured, eventsPerSecond: (measured.done * 1_000) / (measured.to - measured.from) };
}

export function printEvents(rows: readonly EventRow[]): void {
  for (const { concurrency, payloadBytes, figures, timesStock, timesFlushed, timesBare } of rows) {
    const title = `Events: ${concurrency} under way, ${payloadBytes} B; CPU for each event, µs`;
    printComparison(title, figures, { stock: timesStock, flushed: timesFlushed, bare: timesBare }, [
      ['eventsPerSecond', 'events/s', 0],
      ['clientCpu', 'client', 1],
      ['responderCpu', 'responder', 1],
    ]);
  }
}
