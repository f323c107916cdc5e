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

/** Every step that a dial loop can come to. */
export function dialSteps(): DialStep[] {
  const found = new Map<string, DialStep>([['between', { step: 'between' }]]);
  for (const from of found.values())
    for (const event of DIAL_EVENTS) {
      const next = nextDialStep(from, event);
      if (!found.has(next.step)) found.set(next.step, next);
    }
  return [...found.values()];
}

/** What may follow on each step and why; not what happens within one. */
export function dialTransitions(): string[] {
  return dialSteps().flatMap((from) =>
    DIAL_EVENTS.map((event) => [from.step, nextDialStep(from, event).step, event.type] as const)
      .filter(([before, after]) => before !== after)
      .map(([before, after, type]) => `${before} --> ${after}: ${type}`),
  );
}
