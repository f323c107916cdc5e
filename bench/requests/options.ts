import { parseArgs } from 'node:util';

export const PARTS = ['requests', 'events', 'latency', 'memory'] as const;
export type Part = (typeof PARTS)[number];

/** What is measured, and for how long. @throws {Error} for options that are not there. */
export function readOptions() {
  const { values } = parseArgs({
    options: {
      nest: { type: 'string', default: '12' },
      parts: { type: 'string', default: PARTS.join() },
      rounds: { type: 'string', default: '5' },
      ms: { type: 'string', default: '1500' },
      concurrency: { type: 'string' },
      payload: { type: 'string' },
      load: { type: 'string', default: '0.3' },
      profile: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  const { quick, nest, profile, json } = values;
  return {
    nest,
    profile,
    json,
    parts: new Set(values.parts.split(',').map(part)),
    concurrency: numbers(values.concurrency ?? (quick ? '1,64' : '1,64,512')),
    payloads: numbers(values.payload ?? (quick ? '16,16384' : '16,1024,16384')),
    loads: numbers(values.load),
    ...(quick
      ? {
          rounds: 3,
          ms: 120,
          warmUpMs: 400,
          latencyMs: 500,
          memoryRounds: 1,
          requests: 5_000,
          subscriptions: 500,
        }
      : {
          rounds: Number(values.rounds),
          ms: Number(values.ms),
          warmUpMs: 3_000,
          latencyMs: 4_000,
          memoryRounds: 3,
          requests: 20_000,
          subscriptions: 2_000,
        }),
  };
}

function part(name: string): Part {
  const known = PARTS.find((part) => part === name);
  if (!known) throw new Error(`--parts takes ${PARTS.join()}, got ${name}.`);
  return known;
}

function numbers(list: string): number[] {
  return list.split(',').map(Number);
}
