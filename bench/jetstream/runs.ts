import type { RotationMode } from '../../libs/connection/index.js';
import { COUNTS, type Count } from './workload/counts.js';

/** What happens to the connection while it is used. */
export interface Run {
  readonly run: string;
  /** `by itself`: as its credentials expire. */
  readonly rotations: number | 'by itself';
  readonly everyMs: number;
  /** How this package rotates. */
  readonly mode: RotationMode;
  /** How long handlers of the pull consumer take to acknowledge, in ms. */
  readonly handlerMs: number;
  /** How long a user is valid, in ms. */
  readonly userForMs: number;
  readonly providerMs: number;
  /** How often the server ends the connection. */
  readonly kicks: number;
  /** How long it is to the server and back, in ms. */
  readonly roundTripMs: number;
  /** A cluster whose servers are upgraded one after the other. */
  readonly cluster: boolean;
  readonly lastsMs: number;
  /** What must be 0 of this package. */
  readonly zeros: readonly Count[];
}

const usual = {
  everyMs: 1_000,
  mode: 'handover' as RotationMode,
  handlerMs: 0,
  userForMs: 3_600_000,
  providerMs: 0,
  kicks: 0,
  roundTripMs: 0,
  cluster: false,
  zeros: COUNTS,
};

/**
 * What a server ends is not the client's to keep whole: messages for it while it is away have no subscriber, what it had sent a
 * moment before may be gone, and a consumer's messages under way come again.
 */
const ENDED: readonly Count[] = ['lost', 'missedUpdates', 'endedIterators', 'hung'];
/** While another server becomes leader of a stream, its publishes fail, whoever sends them. */
const UPGRADED: readonly Count[] = [
  'lost',
  'missedUpdates',
  'failedRequests',
  'lostMessages',
  'endedIterators',
  'hung',
];

/** What no stream keeps finds no subscriber while a connection moves in place. */
export const NOT_KEPT: readonly Count[] = ['failedRequests', 'lostMessages'];
const IN_PLACE = COUNTS.filter((count) => !NOT_KEPT.includes(count));

/** The runs of the bench. */
export const RUNS: readonly Run[] = [
  rotating('rotations', 30, { roundTripMs: 10 }),
  rotating('handlers of 1.5 s', 30, { handlerMs: 1_500 }),
  rotating('80 rotations at 250 ms', 80, { everyMs: 250 }),
  rotating('rotations in place', 30, { mode: 'reconnect', roundTripMs: 10, zeros: IN_PLACE }),
  { ...usual, run: 'users of 4 s', rotations: 'by itself', userForMs: 4_000, lastsMs: 30_000 },
  ended(5),
  { ...usual, run: 'rolling upgrade', rotations: 0, cluster: true, lastsMs: 0, zeros: UPGRADED },
];

/** Those of the quick form, which takes a minute and a half at most. */
export const QUICK_RUNS: readonly Run[] = [
  rotating('rotations', 3, { roundTripMs: 10 }),
  rotating('handlers of 1.5 s', 3, { handlerMs: 1_500 }),
  rotating('8 rotations at 250 ms', 8, { everyMs: 250 }),
];

function rotating(run: string, rotations: number, more: Partial<Run>): Run {
  const { everyMs } = { ...usual, ...more };
  return { ...usual, run, rotations, lastsMs: rotations * everyMs, ...more };
}

function ended(kicks: number): Run {
  const [everyMs, run] = [3_000, 'ended by the server'];
  return {
    ...usual,
    run,
    rotations: 0,
    kicks,
    everyMs,
    lastsMs: kicks * everyMs,
    providerMs: 200,
    zeros: ENDED,
  };
}

/** A run without rotations, in which even plain nats.js loses nothing: what it counts is counted wrongly. */
export const CONTROL: Run = { ...usual, run: 'no rotation', rotations: 0, lastsMs: 10_000 };
