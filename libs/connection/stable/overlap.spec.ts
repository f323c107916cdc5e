import { describe, expect, it } from 'vitest';

import { fingerprint, Overlap } from './overlap.js';

/** What comes through an overlap, in order. */
class Heard {
  readonly messages: string[] = [];
  readonly overlap = new Overlap();

  onOld(message: string, id = message): void {
    if (this.overlap.onOld(id)) this.messages.push(message);
  }

  onNew(message: string, id = message): void {
    this.overlap.onNew(id, () => this.messages.push(message));
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
