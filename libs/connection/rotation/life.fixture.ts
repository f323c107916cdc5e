import { type Life, type LifeEvent, nextLife } from './life.js';
import type { OpenConnection } from './open-connection.js';

type Connection = OpenConnection<never, never>;

/** Compared by identity only: nothing in them is used. */
export const FIRST = {} as Connection;
export const SECOND = {} as Connection;

const done = Promise.resolve();

/** One of each kind. */
export const EVENTS: readonly LifeEvent<never, never>[] = [
  { type: 'open', opened: new Promise<never>(() => {}) },
  { type: 'current', current: FIRST },
  { type: 'drain', drained: done },
  { type: 'close', closed: done },
];

/** Every phase that a life cycle can reach. */
export function lives(): Life<never, never>[] {
  const found = new Map<string, Life<never, never>>([['idle', { phase: 'idle' }]]);
  for (const life of found.values())
    for (const event of EVENTS) {
      const next = nextLife(life, event);
      if (!found.has(next.phase)) found.set(next.phase, next);
    }
  return [...found.values()];
}

/** The transitions between different phases, with the event that causes each; changes within a phase are left out. */
export function lifeTransitions(): string[] {
  return lives().flatMap((life) =>
    EVENTS.map((event) => [life.phase, nextLife(life, event).phase, event.type] as const)
      .filter(([from, to]) => from !== to)
      .map(([from, to, type]) => `${from} --> ${to}: ${type}`),
  );
}
