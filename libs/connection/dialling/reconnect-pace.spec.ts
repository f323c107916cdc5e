import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { VirtualClock } from '../../base/index.js';
import type { ConnectionOptions } from '../options.js';
import { ReconnectPace } from './reconnect-pace.js';

const never = new AbortController().signal;

function waits(options: ConnectionOptions, random = 0.5) {
  const clock = new VirtualClock();
  const pace = new ReconnectPace(options, clock, () => random);
  return { clock, wait: async (server: string, by = never) => pace.wait(server, by) };
}

describe('the pace of reconnects', () => {
  it('dials a server that was not dialled before, or long ago, at once', async () => {
    const { clock, wait } = waits({});
    await wait('a');
    await clock.advance(2_200);
    await wait('a');
    await wait('b');
  });

  it('forgets the servers of a cluster that come and go', async () => {
    const { clock, wait } = waits({});
    await wait('a');
    for (let n = 0; n < 256; n++) await wait(`10.0.0.${n}`);
    // The first dial does not wait.
    await wait('a');
    expect(clock.pending).toBe(0);
  });

  it.each<[string, ConnectionOptions, number]>([
    ['2 s and half of the jitter of 100 ms', {}, 2_050],
    ['2 s and half of the jitter of 1 s with TLS', { tls: {} }, 2_500],
    ['reconnectTimeWait and reconnectJitter', { reconnectTimeWait: 300, reconnectJitter: 0 }, 300],
    ['what reconnectDelayHandler says', { reconnectDelayHandler: () => 70 }, 70],
  ])('keeps %s between two dials of one server', async (_name, options, expected) => {
    const { clock, wait } = waits(options);
    await wait('a');
    let dialled = false;
    const second = wait('a').then(() => (dialled = true));
    await clock.advance(expected - 1);
    expect(dialled).toBe(false);
    await clock.advance(1);
    await second;
  });

  it.each<[string, () => number]>([
    [
      'throws',
      () => {
        throw new Error('no delay today');
      },
    ],
    ['gives no number', () => NaN],
    ['gives less than nothing', () => -1],
  ])('is the default when reconnectDelayHandler %s', async (_name, reconnectDelayHandler) => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    onTestFinished(() => warned.mockRestore());
    const { clock, wait } = waits({ reconnectDelayHandler, reconnectTimeWait: 300, reconnectJitter: 0 });
    await wait('a');
    let dialled = false;
    const second = wait('a').then(() => (dialled = true));
    await clock.advance(299);
    expect(dialled).toBe(false);
    await clock.advance(1);
    await second;
  });

  it('never waits longer than that when the clock was set back', async () => {
    const { clock, wait } = waits({ reconnectTimeWait: 100, reconnectJitter: 0 });
    await wait('a');
    clock.jump(-3_600_000);
    const second = wait('a');
    await clock.advance(100);
    await second;
  });

  it('ends the wait when the connection is closed', async () => {
    const { clock, wait } = waits({});
    await wait('a');
    const closing = new AbortController();
    const second = wait('a', closing.signal);
    closing.abort(new Error('closed'));
    await expect(second).rejects.toThrow('closed');
    expect(clock.pending).toBe(0);
  });
});
