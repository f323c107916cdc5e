import { type Machine, reachable, transitionsOf } from '../../base/transitions.fixture.js';
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

const machine: Machine<Life<never, never>, LifeEvent<never, never>> = {
  start: { phase: 'idle' },
  events: EVENTS,
  next: nextLife,
  nameOf: ({ phase }) => phase,
};

/** Every phase that a life cycle can reach. */
export const lives = () => reachable(machine);

export const lifeTransitions = () => transitionsOf(machine);
