import { median } from '../stats.js';
import type { Sample } from './sample.js';

/** A figure that must not change, or may grow no further than by this factor and this much more. */
type Bound = 'equal' | { readonly times: number; readonly plus: number };

interface Measure {
  readonly name: string;
  readonly of: (sample: Sample) => number;
  readonly bound: Bound;
}

/** How a figure began and how it ended, as medians of the first and the last third. */
export interface Verdict {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly bound: string;
  readonly flat: boolean;
}

const MB = 1e6;
const MEASURES: readonly Measure[] = [
  { name: 'heap used, MB', of: (sample) => sample.heapUsed / MB, bound: { times: 1.2, plus: 3 } },
  { name: 'external, MB', of: (sample) => sample.external / MB, bound: { times: 1.2, plus: 3 } },
  // What the allocator keeps is not the program's to say.
  { name: 'rss, MB', of: (sample) => sample.rss / MB, bound: { times: 1.3, plus: 30 } },
  { name: 'objects on the heap', of: ({ objects }) => objects, bound: { times: 1, plus: 100 } },
  // The first and the last that was replaced may be held, too.
  {
    name: 'nats.js connections',
    of: ({ natsConnections }) => natsConnections,
    bound: { times: 1, plus: 2 },
  },
  { name: 'abort signals', of: ({ abortSignals }) => abortSignals, bound: { times: 1, plus: 4 } },
  { name: 'open files', of: ({ files = 0 }) => files, bound: 'equal' },
  { name: 'sockets', of: ({ sockets }) => sockets, bound: 'equal' },
  { name: 'handles without timers', of: ({ handles }) => sumOf({ ...handles, Timeout: 0 }), bound: 'equal' },
  // After an outage each client has one for `client.awaitResponders`, which a sample may meet or miss.
  { name: 'timers', of: ({ handles }) => handles['Timeout'] ?? 0, bound: { times: 1, plus: 2 } },
  { name: 'listeners of the process', of: ({ listeners }) => listeners, bound: 'equal' },
  { name: 'series of metrics', of: ({ series }) => series, bound: 'equal' },
  { name: 'requests pending', of: ({ pending }) => pending, bound: 'equal' },
  { name: 'connections on the server', of: ({ server }) => server.connections, bound: 'equal' },
  { name: 'subscriptions on the server', of: ({ server }) => server.subscriptions, bound: 'equal' },
  { name: 'connections through the proxy', of: ({ proxied }) => proxied, bound: 'equal' },
];

const FEWEST_SAMPLES = 3;

/** Compares the end with the beginning; there is nothing to compare in fewer than three samples. */
export function judge(samples: readonly Sample[]): Verdict[] {
  if (samples.length < FEWEST_SAMPLES) return [];
  const third = Math.floor(samples.length / 3);
  return MEASURES.map(({ name, of, bound }) => {
    const first = median(samples.slice(0, third).map(of));
    const last = median(samples.slice(-third).map(of));
    if (bound === 'equal') return { name, first, last, bound: 'equal', flat: last === first };
    const limit = first * bound.times + bound.plus;
    return { name, first, last, bound: `at most ${limit.toFixed(1)}`, flat: last <= limit };
  });
}

/** By how much the heap grows with each unit of `x`, in bytes: the slope of the straight line through the samples. */
export function heapSlope(samples: readonly Sample[], x: (sample: Sample) => number): number {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [meanX, meanHeap] = [mean(x), mean(({ heapUsed }) => heapUsed)];
  return (
    mean((sample) => (x(sample) - meanX) * (sample.heapUsed - meanHeap)) /
    mean((sample) => (x(sample) - meanX) ** 2)
  );
}

export function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
