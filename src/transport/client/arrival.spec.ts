import { describe, expect, it } from 'vitest';

import { VirtualClock } from '../../../libs/base/index.js';
import { readyForCalls } from './arrival.js';

function setUp(parts: { ownHandlers?: Promise<void>; releaseDelay?: number; random?: number }) {
  const clock = new VirtualClock();
  const leave = new AbortController();
  const { ownHandlers, releaseDelay = 0, random = 1 } = parts;
  const arrival = { ownHandlers, releaseDelay, clock, random: () => random };
  const ready = readyForCalls(arrival, leave.signal);
  let outcome = 'waits';
  ready?.then(
    () => (outcome = 'goes'),
    () => (outcome = 'left'),
  );
  return { clock, leave, ready, outcome: () => outcome };
}

describe('calls', () => {
  it('go at once when there is nothing to wait for', () => {
    expect(setUp({}).ready).toBeUndefined();
  });

  it('go when the handlers of the own application are back', async () => {
    let back = () => {};
    const ownHandlers = new Promise<void>((resolve) => (back = resolve));
    const { clock, outcome } = setUp({ ownHandlers });
    await clock.advance(1_999);
    expect(outcome()).toBe('waits');
    back();
    await clock.advance(0);
    expect(outcome()).toBe('goes');
    expect(clock.pending).toBe(0);
  });

  it('go after two seconds without them', async () => {
    const { clock, outcome } = setUp({ ownHandlers: new Promise(() => {}) });
    await clock.advance(2_000);
    expect(outcome()).toBe('goes');
  });

  it.each([
    [0, 125],
    [1, 250],
  ])(
    'are held back after an outage for half of the delay at least (random %d: %d ms)',
    async (random, ms) => {
      const { clock, outcome } = setUp({ releaseDelay: 250, random });
      await clock.advance(ms - 1);
      expect(outcome()).toBe('waits');
      await clock.advance(1);
      expect(outcome()).toBe('goes');
    },
  );

  it('do not go when the connection is lost again', async () => {
    const { clock, leave, outcome } = setUp({ ownHandlers: new Promise(() => {}), releaseDelay: 250 });
    leave.abort();
    await clock.advance(0);
    expect(outcome()).toBe('left');
    expect(clock.pending).toBe(0);
  });
});
