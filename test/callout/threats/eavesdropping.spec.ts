import { createCurve } from '@nats-io/nkeys';
import { describe, expect, it } from 'vitest';

import { CALLOUT_SUBJECT } from '../../../libs/callout/index.js';
import { eventually } from '../../../libs/testing/index.js';
import { connect, refusal, VIOLATION } from '../harness/clients.js';
import { ALICE, configMode } from '../harness/config-mode.js';
import { pairOf, userKeys } from '../harness/keys.js';
import { LANES } from '../harness/lanes.js';

const SNOOP = { user: 'snoop', password: 'in-the-account-of-the-callout' };
const SHORT_MS = 500;

describe.each(LANES)('$label: somebody who listens in the account of the callout', (lane) => {
  /** All that such a one hears while a client comes in, decoded as far as it can be. */
  const overhear = async (sealed: boolean) => {
    const own = userKeys();
    const { server } = await configMode(lane, {
      own,
      sealed,
      server: { users: [{ nkey: own.publicKey }, SNOOP] },
    });
    const snoop = await connect(lane, server, { user: SNOOP.user, pass: SNOOP.password });
    const heard: string[] = [];
    snoop.subscribe('>', { callback: (_error, { data }) => void heard.push(readable(data)) });
    snoop.subscribe(CALLOUT_SUBJECT, { callback: (_error, { data }) => void heard.push(readable(data)) });
    snoop.subscribe('$SYS._INBOX.>', { callback: (_error, { data }) => void heard.push(readable(data)) });
    await snoop.flush();
    await connect(lane, server, ALICE);
    await eventually(() => heard.length >= 2, { what: 'a request and an answer' });
    await snoop.flush();
    return heard.join('\n');
  };

  it('reads passwords without xkey', async () => {
    expect(await overhear(false)).toContain('wonderland');
  });

  it('reads nothing with it: neither what was presented, nor who came in, nor the answer', async () => {
    const heard = await overhear(true);
    for (const word of ['wonderland', 'alice', 'user_nkey', 'authorization_response', 'eyJ'])
      expect(heard).not.toContain(word);
  });
});

describe.each(LANES)('$label: a callout with a key for sealed requests', (lane) => {
  it('answers no server that asks in the open', async () => {
    const { server, callout } = await configMode(lane, { server: { xkey: undefined, timeout: SHORT_MS } });
    expect(await refusal(lane, server, ALICE)).toMatch(VIOLATION);
    expect((await callout.until('discarded')).problem).toBe('plain');
    expect(callout.asked).toEqual([]);
  });

  it('answers no request that was sealed to another key', async () => {
    const other = createCurve().getPublicKey();
    const { server, callout } = await configMode(lane, { server: { xkey: other, timeout: SHORT_MS } });
    expect(await refusal(lane, server, ALICE)).toMatch(VIOLATION);
    expect((await callout.until('discarded')).problem).toBe('sealed');
  });

  it('answers no request whose header names another key than its server has signed', async () => {
    const { server, callout, curve } = await configMode(lane);
    await connect(lane, server, ALICE);
    await callout.until('admitted');
    const [genuine] = callout.messages;
    const opened = pairOf(curve).open(
      genuine?.data ?? new Uint8Array(),
      genuine?.headers?.get('Nats-Server-Xkey') ?? '',
    );
    const own = createCurve();
    await callout.callout.receive({
      data: own.seal(opened ?? new Uint8Array(), curve.publicKey),
      reply: '$SYS._INBOX.mallory.1',
      serverXkey: own.getPublicKey(),
      respond: () => expect.fail('It was answered.'),
    });
    expect((await callout.until('discarded')).problem).toBe('xkey');
  });
});

/** The bytes, and what base64 there is in them, once and twice. */
function readable(data: Uint8Array): string {
  const text = Buffer.from(data).toString('latin1');
  const decode = (from: string) =>
    [...from.matchAll(/[\w-]{16,}/g)]
      .map(([part]) => Buffer.from(part, 'base64url').toString('latin1'))
      .join('\n');
  const once = decode(text);
  return [text, once, decode(once)].join('\n');
}
