import { getEventListeners } from 'node:events';

import { describe, expect, it } from 'vitest';

import { watch } from '../watch.fixture.js';
import { Pauses } from './pauses.js';
import { VirtualClock } from './virtual-clock.js';

const never = new AbortController().signal;

describe('a pause', () => {
  it('lasts its time, unless somebody ends it', async () => {
    const clock = new VirtualClock();
    const pauses = new Pauses(clock);
    const [long, short] = [watch(pauses.wait(1_000, never)), watch(pauses.wait(100, never))];
    await clock.advance(100);
    expect([long.state, short.value]).toEqual(['pending', false]);
    pauses.end();
    await clock.flush();
    expect(long.value).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('does not begin when it was ended during what it follows', async () => {
    const clock = new VirtualClock();
    const pauses = new Pauses(clock);
    const { endings } = pauses;
    pauses.end();
    const pause = watch(pauses.wait(1_000, never, 0, endings));
    await clock.flush();
    expect(pause.value).toBe(true);
  });

  it('lasts as long as it has to in any case', async () => {
    const clock = new VirtualClock();
    const pauses = new Pauses(clock);
    const pause = watch(pauses.wait(1_000, never, 600));
    await clock.advance(100);
    pauses.end();
    await clock.advance(499);
    expect(pause.state).toBe('pending');
    await clock.advance(1);
    expect(pause.value).toBe(true);
  });

  it('rejects with the reason of the abort and leaves no timer', async () => {
    const clock = new VirtualClock();
    const abort = new AbortController();
    const pause = watch(new Pauses(clock).wait(1_000, abort.signal));
    abort.abort(new Error('closed'));
    await clock.flush();
    expect(pause.state).toBe('rejected');
    expect(clock.pending).toBe(0);
  });
  it('leaves no listener on a signal that outlives it', async () => {
    const clock = new VirtualClock();
    const { signal } = new AbortController();
    const pause = watch(new Pauses(clock).wait(1_000, signal));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await clock.advance(1_000);
    expect(pause.value).toBe(false);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});
