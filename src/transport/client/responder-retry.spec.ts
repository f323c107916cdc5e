import { describe, expect, it } from 'vitest';

import { VirtualClock } from '../../../libs/base/index.js';
import type { ReplyHandler } from './inbox/index.js';
import { ResponderRetry } from './responder-retry.js';

const NOBODY = { data: new Uint8Array(), headers: { code: 503 } };
const ANSWER = { data: Buffer.from('answer') };

/** A request whose attempts the test answers. */
function setUp(awaitResponders = 5_000) {
  const clock = new VirtualClock();
  const retry = new ResponderRetry(awaitResponders, clock, () => 1);
  const attempts: ReplyHandler[] = [];
  const forgotten: number[] = [];
  const replies: unknown[] = [];
  const start = () =>
    retry.request(
      {
        send: (onReply) => {
          const index = attempts.push(onReply) - 1;
          return () => void forgotten.push(index);
        },
        again: () => Promise.resolve(),
      },
      (error, message) => Promise.resolve(replies.push(error ?? message)),
    );
  const answer = (message: object) => attempts.at(-1)?.(null, message);
  return { clock, retry, attempts, forgotten, replies, start, answer };
}

describe('a request that nobody is there to answer', () => {
  it('is sent again with a reply subject of its own, and gets its answer once', async () => {
    const { clock, retry, attempts, forgotten, replies, start, answer } = setUp();
    retry.begin();
    start();
    void answer(NOBODY);
    expect(forgotten).toEqual([0]);
    await clock.advance(50);
    void answer(NOBODY);
    await clock.advance(99);
    expect(attempts).toHaveLength(2);
    await clock.advance(1);
    void answer(ANSWER);
    expect(attempts).toHaveLength(3);
    expect(replies).toEqual([ANSWER]);
  });

  it('gets to know that nobody is there when the time is over', async () => {
    const { clock, retry, replies, start, answer } = setUp(100);
    retry.begin();
    start();
    void answer(NOBODY);
    await clock.advance(100);
    expect(retry.active).toBe(false);
    expect(replies).toEqual([]);
    void answer(NOBODY);
    expect(replies).toEqual([NOBODY]);
  });

  it('is not sent again when its caller has given up', async () => {
    const { clock, retry, attempts, replies, start, answer } = setUp();
    retry.begin();
    const giveUp = start();
    void answer(NOBODY);
    giveUp();
    await clock.advance(5_000);
    expect(attempts).toHaveLength(1);
    expect(replies).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('fails when the client is closed meanwhile, and leaves no timer', async () => {
    const { clock, retry, attempts, replies, start, answer } = setUp();
    retry.begin();
    start();
    void answer(NOBODY);
    const closed = new Error('closed');
    retry.close(closed);
    expect(replies).toEqual([closed]);
    await clock.advance(5_000);
    expect(attempts).toHaveLength(1);
  });

  it('gets an error of its service at once', () => {
    const { retry, replies, start, answer } = setUp();
    retry.begin();
    start();
    void answer({ data: new Uint8Array(), headers: { code: 408 } });
    expect(replies).toHaveLength(1);
  });
});

it('a time of 0 sends nothing again', () => {
  const { retry } = setUp(0);
  retry.begin();
  expect(retry.active).toBe(false);
});
