import { describe, expect, it } from 'vitest';

import { KeptOutput } from './kept-output.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const text = (output: Uint8Array[]) => Buffer.concat(output).toString('latin1');
const none = bytes('');

const first = 'PUB a 5\r\nPING\r\r\n';
const second = 'HPUB b _INBOX.1 12 14\r\nNATS/1.0\r\n\r\nhi\r\n';
const third = 'PUB c 0\r\n\r\n';

describe('what was published while there was no connection', () => {
  it('is kept over several dials, in order, before what is published during the last of them', () => {
    const kept = new KeptOutput();
    kept.keep(bytes(first));
    kept.keep(bytes(second));
    expect(text(kept.release(bytes(third)))).toBe(first + second + third);
    expect(text(kept.release(none))).toBe('');
  });

  it('is kept without what belongs to the connection that is gone', () => {
    const kept = new KeptOutput();
    kept.keep(bytes(`PING\r\n${first}SUB a.b q 7\r\nUNSUB 7\r\n${second}PING\r\n`));
    expect(text(kept.release(none))).toBe(first + second);
  });

  it('leaves the pings and subscriptions alone that belong to the new connection', () => {
    const kept = new KeptOutput();
    kept.keep(bytes(first));
    expect(text(kept.release(bytes(`SUB a 7\r\n${second}PING\r\n`)))).toBe(
      `${first}SUB a 7\r\n${second}PING\r\n`,
    );
  });

  it('is kept whole or not at all', () => {
    const kept = new KeptOutput();
    kept.keep(bytes(`${first}PUB d 10\r\nhalf`));
    expect(text(kept.release(none))).toBe(first);
  });

  it('is sent without messages that would end the connection for their size', () => {
    const kept = new KeptOutput();
    kept.keep(bytes(first + second + third));
    expect(text(kept.release(bytes(`${second}PING\r\n`), 13))).toBe(`${first}${third}PING\r\n`);
    expect(kept.takeDropped()).toBe(2);
    expect(kept.takeDropped()).toBe(0);
  });

  it('is no more than the limit, and what did not fit is counted', () => {
    const kept = new KeptOutput(20);
    expect(kept.isFull(19)).toBe(false);
    expect(kept.isFull(20)).toBe(true);
    kept.keep(bytes(first));
    expect(kept.isFull(20 - first.length)).toBe(true);
    kept.refuse();
    kept.drop(bytes(`${second}PING\r\n`));
    expect(kept.takeDropped()).toBe(3);
    expect(text(kept.release(none))).toBe('');
  });
});
