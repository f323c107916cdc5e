import { describe, expect, it } from 'vitest';

import { fingerprint, Overlap } from './overlap.js';

/** What comes through an overlap, in order. */
class Heard {
  readonly messages: string[] = [];
  readonly overlap = new Overlap();

  onOld(message: string, early = false): void {
    if (this.overlap.onOld(message, early)) this.messages.push(message);
  }

  onNew(message: string): void {
    this.overlap.onNew(message, () => this.messages.push(message));
  }

  /** @param flush what arrives until each flush, round by round. */
  forgetEarly(...flushed: { readonly new?: () => void; readonly old?: () => void }[]): Promise<void> {
    let round = 0;
    return this.overlap.forgetEarly({
      new: () => Promise.resolve(flushed[round]?.new?.()),
      old: () => Promise.resolve(flushed[round++]?.old?.()),
    });
  }
}

describe('an overlap', () => {
  it('passes on each message once, in the order of the old connection', () => {
    const heard = new Heard();
    heard.onOld('1');
    heard.onNew('2');
    heard.onNew('3');
    heard.onOld('2');
    heard.overlap.release();
    heard.onNew('4');
    expect(heard.messages).toEqual(['1', '2', '3', '4']);
  });

  it('passes on equal messages as often as they were sent', () => {
    const heard = new Heard();
    heard.onOld('tick');
    heard.onOld('tick');
    heard.onNew('tick');
    heard.onNew('tick');
    heard.overlap.release();
    heard.onNew('tick');
    expect(heard.messages).toEqual(['tick', 'tick', 'tick']);
  });

  it('passes on a message that equals one from before the new connection was subscribed', async () => {
    const heard = new Heard();
    heard.onOld('tick', true);
    heard.onOld('tick');
    heard.onNew('tick');
    await heard.forgetEarly();
    heard.overlap.release();
    heard.onNew('tick');
    expect(heard.messages).toEqual(['tick', 'tick', 'tick']);
  });

  it('waits for the repeat of an early message before it takes it for one that has none', async () => {
    const heard = new Heard();
    heard.onOld('tick', true);
    await heard.forgetEarly({ new: () => heard.onNew('tick') });
    heard.overlap.release();
    heard.onNew('tick');
    expect(heard.messages).toEqual(['tick', 'tick']);
  });

  it('counts anew if more of the same has arrived while it counted', async () => {
    const heard = new Heard();
    heard.onOld('tick', true);
    await heard.forgetEarly({ new: () => heard.onNew('tick'), old: () => heard.onOld('tick') });
    heard.overlap.release();
    heard.onNew('tick');
    expect(heard.messages).toEqual(['tick', 'tick', 'tick']);
  });

  it('loses nothing although more of the same arrives at each count', async () => {
    const heard = new Heard();
    heard.onOld('tick', true);
    let flushes = 0;
    await heard.overlap.forgetEarly({
      new: () => Promise.resolve(heard.onNew('tick')),
      old: () => {
        flushes++;
        return Promise.resolve(heard.onOld('tick'));
      },
    });
    expect(flushes).toBe(10);
    expect(heard.messages).toHaveLength(11);
    heard.overlap.release();
    heard.onNew('tick');
    expect(heard.messages).toHaveLength(12);
  });

  it('drops the repeat of what was not early, however late', async () => {
    const heard = new Heard();
    heard.onOld('tick');
    await heard.forgetEarly();
    heard.overlap.release();
    heard.onNew('tick');
    expect(heard.messages).toEqual(['tick']);
  });

  it('drops what the old connection, which did not say that it was done, brings late', () => {
    const heard = new Heard();
    heard.onNew('1');
    heard.overlap.release();
    heard.onOld('1');
    heard.onOld('only there');
    expect(heard.messages).toEqual(['1', 'only there']);
  });
});

describe('a fingerprint', () => {
  const data = (text: string) => new TextEncoder().encode(text);

  it('is that of one delivery of JetStream, whatever it holds', () => {
    const first = '$JS.ACK.S.C.1.7.7.1700000000000000000.0';
    const again = '$JS.ACK.S.C.2.7.8.1700000000000000000.0';
    expect(fingerprint('a', first, data('x'))).toBe(fingerprint('b', first, data('y')));
    expect(fingerprint('a', first, data('x'))).not.toBe(fingerprint('a', again, data('x')));
  });

  it('is otherwise that of subject, reply and content', () => {
    const one = fingerprint('a', 'r', data('x'));
    expect(fingerprint('a', 'r', data('x'))).toBe(one);
    for (const other of [
      fingerprint('b', 'r', data('x')),
      fingerprint('a', 's', data('x')),
      fingerprint('a', 'r', data('y')),
    ])
      expect(other).not.toBe(one);
  });
});
