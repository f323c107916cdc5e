import { COUNTS, type Count } from './workload/counts.js';

/** What happens to the connection while it is used. */
export interface Run {
  readonly run: string;
  /** `by itself`: as its credentials expire. */
  readonly rotations: number | 'by itself';
  readonly everyMs: number;
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

/** The runs of the bench; the quick form has fewer rotations and no cluster. */
export function runsOf(quick: boolean): readonly Run[] {
  const [rotations, fast, kicks] = quick ? [6, 20, 2] : [30, 80, 5];
  const rotating = (run: string, more: Partial<Run> = {}): Run => {
    const { everyMs } = { ...usual, ...more };
    const times = more.rotations ?? rotations;
    return { ...usual, rotations: times, lastsMs: Number(times) * everyMs, run, ...more };
  };
  const runs = [
    rotating('rotations', { roundTripMs: 10 }),
    rotating('handlers of 1.5 s', { handlerMs: 1_500 }),
    rotating('80 rotations at 250 ms', { run: `${fast} rotations at 250 ms`, rotations: fast, everyMs: 250 }),
    {
      ...usual,
      run: 'users of 4 s',
      rotations: 'by itself',
      userForMs: 4_000,
      lastsMs: quick ? 8_000 : 30_000,
    },
    {
      ...usual,
      run: 'ended by the server',
      rotations: 0,
      kicks,
      everyMs: 3_000,
      providerMs: 200,
      lastsMs: kicks * 3_000,
      zeros: ENDED,
    },
  ] satisfies Run[];
  if (quick) return runs;
  const upgrade = {
    ...usual,
    run: 'rolling upgrade',
    rotations: 0,
    cluster: true,
    lastsMs: 0,
    zeros: UPGRADED,
  } satisfies Run;
  return [...runs, upgrade];
}

/** A run without rotations, in which even plain nats.js loses nothing: what it counts is counted wrongly. */
export const CONTROL: Run = { ...usual, run: 'no rotation', rotations: 0, lastsMs: 10_000 };
