import { describe, expect, it } from 'vitest';

import { coalesced } from './coalesced.js';
import { VirtualClock } from './time/virtual-clock.js';

const { flush } = { flush: () => new VirtualClock().flush() };

/** Work whose runs the test ends. */
function openWork(turn?: () => Promise<void> | undefined) {
  const ends: (() => void)[] = [];
  const run = coalesced(() => new Promise<void>((resolve) => ends.push(resolve)), turn);
  const end = async () => {
    ends.at(-1)?.();
    await flush();
  };
  return { run, end, runs: () => ends.length };
}

describe('coalesced work', () => {
  it('runs at once when it is asked for, and again when it is asked for later', async () => {
    const { run, end, runs } = openWork();
    run();
    expect(runs()).toBe(1);
    await end();
    expect(runs()).toBe(1);
    run();
    expect(runs()).toBe(2);
  });

  it('runs once more for all that asked for it while it ran', async () => {
    const { run, end, runs } = openWork();
    for (let times = 0; times < 5; times++) run();
    expect(runs()).toBe(1);
    await end();
    expect(runs()).toBe(2);
    await end();
    expect(runs()).toBe(2);
  });

  it('runs once for all that asked for it while it waited for its turn', async () => {
    let turn = () => {};
    const { run, end, runs } = openWork(() => new Promise((resolve) => (turn = resolve)));
    for (let times = 0; times < 5; times++) run();
    expect(runs()).toBe(0);
    turn();
    await flush();
    expect(runs()).toBe(1);
    await end();
    expect(runs()).toBe(1);
  });
});
