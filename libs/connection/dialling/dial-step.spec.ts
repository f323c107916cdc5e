import { describe, expect, it } from 'vitest';

import { DIAL_EVENTS, dialTransitions } from './dial-step.fixture.js';
import { type DialStep, nextDialStep } from './dial-step.js';

describe('the dial loop of a connection', () => {
  it('changes as follows, and in no other way', () => {
    expect(dialTransitions().sort()).toEqual([
      'between --> dialling: address',
      'between --> over: final',
      'between --> waiting: turn',
      'dialling --> between: ended',
      'dialling --> over: final',
      'dialling --> signing: signing',
      'dialling --> waiting: turn',
      'signing --> between: ended',
      'signing --> dialling: address',
      'signing --> dialling: signed',
      'signing --> over: final',
      'signing --> waiting: turn',
      'waiting --> dialling: address',
      'waiting --> over: final',
    ]);
  });

  it('keeps the error that ended it', () => {
    const over: DialStep = { step: 'over', error: new Error('first') };
    for (const event of DIAL_EVENTS) expect(nextDialStep(over, event)).toBe(over);
  });
});
