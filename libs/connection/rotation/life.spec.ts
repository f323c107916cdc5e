import { describe, expect, it } from 'vitest';

import { currentOf, isEnding, type Life, nextLife } from './life.js';
import { lives, EVENTS, FIRST, lifeTransitions, SECOND } from './life.fixture.js';

describe('the life of the connection of a role', () => {
  it('changes as follows, and in no other way', () => {
    expect(lifeTransitions().sort()).toEqual([
      'draining --> closed: close',
      'idle --> closed: close',
      'idle --> draining: drain',
      'idle --> opening: open',
      'opening --> closed: close',
      'opening --> draining: drain',
      'opening --> serving: current',
      'serving --> closed: close',
      'serving --> draining: drain',
    ]);
  });

  it('takes no other connection for current once it ends', () => {
    for (const life of lives().filter(isEnding))
      expect(nextLife(life, { type: 'current', current: SECOND })).toBe(life);
  });

  it('keeps the one in use until another takes over, and when it ends', () => {
    const serving = lives().find((life) => life.phase === 'serving') as Life<never, never>;
    expect(currentOf(serving)).toBe(FIRST);
    expect(currentOf(nextLife(serving, { type: 'current', current: SECOND }))).toBe(SECOND);
    for (const event of EVENTS.filter(({ type }) => type === 'drain' || type === 'close'))
      expect(currentOf(nextLife(serving, event))).toBe(FIRST);
  });
});
