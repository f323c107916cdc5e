import { type Machine, transitionsOf } from '../../base/transitions.fixture.js';
import { type DialEvent, type DialStep, nextDialStep } from './dial-step.js';

/** One of each kind. */
export const DIAL_EVENTS: readonly DialEvent[] = [
  { type: 'turn', since: 0 },
  { type: 'address' },
  { type: 'signing', since: 0 },
  { type: 'signed' },
  { type: 'ended' },
  { type: 'final', error: new Error('final') },
];

const machine: Machine<DialStep, DialEvent> = {
  start: { step: 'between' },
  events: DIAL_EVENTS,
  next: nextDialStep,
  nameOf: ({ step }) => step,
};

export const dialTransitions = () => transitionsOf(machine);
