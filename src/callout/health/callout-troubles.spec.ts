import { describe, expect, it } from 'vitest';

import { Emitter } from '../../../libs/base/index.js';
import { type CalloutEvents, type RefusalReason, RefusedError } from '../../../libs/callout/index.js';
import { CalloutTroubles, TROUBLE_LASTS_MS, type TroubleKind } from './callout-troubles.js';

const START = Date.UTC(2030, 0, 1);
const connection = 'callout';
const client = { connection, client: 'alice', host: '192.0.2.1', server: 'n1', durationMs: 3 };
const error = new Error('IAM is down');

function setup() {
  const events = new Emitter<CalloutEvents>();
  let now = START;
  const troubles = new CalloutTroubles(events, () => now);
  return {
    events,
    pass: (ms: number) => (now += ms),
    of: (kind: TroubleKind) => troubles.current.get(kind),
    kinds: () => [...troubles.current.keys()].toSorted(),
    admitted: () =>
      events.emit('admitted', { ...client, name: 'alice', account: 'APP', expiresAt: START + 1_000 }),
    refused: (reason: RefusalReason) =>
      events.emit('refused', { ...client, reason, error: new RefusedError('no', { reason }) }),
  };
}
type Setup = ReturnType<typeof setup>;

/** What is told of each trouble. */
const HAPPENS: Record<TroubleKind, (to: Setup, error?: Error) => void> = {
  failing: ({ events }, why = error) => events.emit('failed', { ...client, cause: 'error', error: why }),
  answersRefused: ({ events }, why = error) =>
    events.emit('answerRefused', { connection, server: 'n1', error: why }),
  requestsDiscarded: ({ events }, why = error) =>
    events.emit('discarded', { connection, problem: 'issuer', error: why }),
  overloaded: ({ events }, why = error) => events.emit('refused', { ...client, reason: 'busy', error: why }),
};
const KINDS = Object.keys(HAPPENS).toSorted() as TroubleKind[];

it('a callout of which nothing was told has no trouble', () => {
  expect(setup().kinds()).toEqual([]);
});

describe.each(KINDS)('the trouble %s', (kind) => {
  const happens = HAPPENS[kind];

  it('has begun with the first of a row, counts them and shows the last error', () => {
    const at = setup();
    happens(at);
    at.pass(1_000);
    happens(at, new Error('IAM is still down'));
    expect(at.kinds()).toEqual([kind]);
    expect(at.of(kind)).toEqual({
      since: START,
      count: 2,
      lastError: { at: START + 1_000, message: expect.stringContaining('IAM is still down') as string },
    });
  });

  it('goes on while the next comes within a minute, however long it is in all', () => {
    const at = setup();
    for (let i = 0; i < 100; i++) {
      happens(at);
      at.pass(TROUBLE_LASTS_MS);
    }
    expect(at.of(kind)).toMatchObject({ since: START, count: 100 });
  });

  it('is over after a minute without another one, which then begins a new row', () => {
    const at = setup();
    happens(at);
    at.pass(TROUBLE_LASTS_MS + 1);
    expect(at.kinds()).toEqual([]);
    happens(at);
    expect(at.of(kind)).toMatchObject({ since: START + TROUBLE_LASTS_MS + 1, count: 1 });
  });

  it('tells no secret of its error', () => {
    const at = setup();
    happens(at, new Error('cannot reach nats://callout:s3cr3t@nats:4222'));
    expect(at.of(kind)?.lastError.message).not.toContain('s3cr3t');
  });
});

describe('what ends a trouble before that', () => {
  const allAtOnce = () => {
    const at = setup();
    for (const kind of KINDS) HAPPENS[kind](at);
    expect(at.kinds()).toEqual(KINDS);
    return at;
  };

  it('is a client that is admitted, of those that keep clients out', () => {
    const at = allAtOnce();
    at.admitted();
    // An answer that was sent may be refused all the same, and other requests may be discarded.
    expect(at.kinds()).toEqual(['answersRefused', 'requestsDiscarded']);
  });

  it('is a client that the authorizer refuses, which has not failed then', () => {
    const at = allAtOnce();
    at.refused('credentials');
    expect(at.kinds()).toEqual(['answersRefused', 'overloaded', 'requestsDiscarded']);
  });

  it('is not a client that was refused because its turn did not come: nobody was asked', () => {
    const at = allAtOnce();
    at.refused('busy');
    expect(at.kinds()).toEqual(KINDS);
  });

  it('lets a later one begin a new row', () => {
    const at = allAtOnce();
    at.admitted();
    at.pass(1_000);
    HAPPENS.failing(at);
    expect(at.of('failing')).toMatchObject({ since: START + 1_000, count: 1 });
  });
});

it('what was shown of a trouble does not change with what happens later', () => {
  const at = setup();
  HAPPENS.failing(at);
  const shown = at.of('failing');
  HAPPENS.failing(at);
  expect(shown).toMatchObject({ count: 1 });
});
