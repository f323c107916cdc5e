import { AsyncLocalStorage } from 'node:async_hooks';
import { inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import { MARK } from '../base/secrets.fixture.js';
import { ADMISSION, deferred, never, read, testCallout } from './callout.fixture.js';
import { RefusedError } from './errors.js';
import type { CalloutRequest } from './request/callout-request.js';
import { type Change, issuer, newUser, PASSWORD, testCurves } from './request/request.fixture.js';

const raise = (error: unknown): never => {
  throw error;
};

const trap = () => raise(new Error('a trap'));

describe('a client', () => {
  it('whom the authorizer admits comes in', async () => {
    const { ask, clock, ends, told, server } = testCallout();
    const answers = ask();
    await clock.flush();
    expect(answers).toHaveLength(1);
    expect(read(answers[0])).toMatchObject({
      jwt: expect.any(String) as string,
      type: 'authorization_response',
    });
    expect(told[0]).toEqual({ event: 'requested', connection: 'callout' });
    expect(ends()).toEqual([
      {
        ...{ event: 'admitted', connection: 'callout', client: 'shop', host: '10.0.0.1', server: 'n1' },
        ...{ durationMs: 0, name: 'alice', account: 'APP', expiresAt: clock.now() + 3_600_000 },
      },
    ]);
    expect(server.id).toMatch(/^N/);
  });

  it('whose server seals gets a sealed answer', async () => {
    const { curves, xkey } = await testCurves();
    const { clock, receive, server } = testCallout({ settings: { curves } });
    const [answer] = [receive(server.sealed(xkey))];
    await clock.flush();
    expect(read(answer[0]).jwt).toBeUndefined();
    expect(read(server.open(answer[0] ?? new Uint8Array(), xkey)).jwt).toBeDefined();
  });

  it('has its answer when the promise of its request resolves', async () => {
    const result = deferred();
    const { callout, clock, server } = testCallout({ authorize: () => result.promise });
    const steps: string[] = [];
    void callout
      .receive({ ...server.request(), respond: () => steps.push('answered') })
      .then(() => steps.push('resolved'));
    await clock.flush();
    expect(steps).toEqual([]);
    result.resolve(ADMISSION);
    await clock.flush();
    expect(steps).toEqual(['answered', 'resolved']);
    await callout.receive({
      ...server.request(),
      reply: 'x',
      respond: () => expect.fail('It was answered.'),
    });
  });

  it('is told apart by how long it took, by the monotonic clock', async () => {
    const { promise, resolve } = deferred<object>();
    const { ask, clock, ends } = testCallout({ authorize: () => promise });
    ask();
    clock.jump(-3_600_000);
    await clock.advance(700);
    resolve(ADMISSION);
    await clock.flush();
    expect(ends()).toMatchObject([{ event: 'admitted', durationMs: 700 }]);
  });
});

describe('a request that is not in order', () => {
  it('is discarded, and nobody hears of it but the log', async () => {
    const { ask, clock, ends, receive, server, told } = testCallout({
      authorize: () => expect.fail('It was asked.'),
    });
    const answers = [
      ask((claims) => (claims['aud'] = 'x')),
      receive({ ...server.request(), reply: 'x' }),
    ].flat();
    await clock.advance(10_000);
    expect(answers).toEqual([]);
    expect(ends()).toMatchObject([
      { event: 'discarded', connection: 'callout', problem: 'audience', error: { code: 'REQUEST_INVALID' } },
      { event: 'discarded', problem: 'reply' },
    ]);
    expect(told.filter(({ event }) => event === 'requested')).toHaveLength(2);
  });

  it('does not throw, even if it throws at whoever looks at it', () => {
    const { callout, ends } = testCallout();
    const trap = new Proxy({}, { get: () => raise(new Error('a trap')) });
    for (const message of [trap, null, {}]) expect(() => callout.receive(message as never)).not.toThrow();
    expect(ends()).toMatchObject([
      { problem: 'malformed' },
      { problem: 'malformed' },
      { problem: 'malformed' },
    ]);
  });

  it('is one that came before: it is never answered twice', async () => {
    const { clock, ends, receive, server } = testCallout();
    const message = server.request();
    const answers = [receive(message), receive(message)];
    await clock.flush();
    answers.push(receive({ ...message, reply: '$SYS._INBOX.another' }));
    await clock.advance(7_000);
    answers.push(receive(message));
    await clock.flush();
    expect(answers.map(({ length }) => length)).toEqual([1, 0, 0, 0]);
    expect(ends().map((end) => 'problem' in end && end.problem)).toEqual([
      'repeated',
      false,
      'repeated',
      'repeated',
    ]);
  });

  it('is also one that wants its answer where another one goes, or is for the user of another', async () => {
    const { clock, receive, server, ends } = testCallout();
    const { reply } = server.request();
    const { nkey } = newUser();
    receive({ ...server.request(), reply });
    receive({ ...server.request(), reply });
    const ofOneUser: Change = ({ nats }) => Object.assign(nats, { user_nkey: nkey });
    receive(server.request(ofOneUser));
    receive(server.request(ofOneUser));
    await clock.flush();
    expect(ends().filter((end) => 'problem' in end && end.problem === 'repeated')).toHaveLength(2);
  });
});

describe('a refusal', () => {
  const REFUSED = new RefusedError('No such\nuser', { reason: 'unknown' });
  /** As another copy of this package would throw it. */
  const OF_ANOTHER_COPY = Object.assign(new Error('gone'), { code: 'REFUSED', reason: 'expired' });

  it.each<[what: string, authorize: () => unknown, expected: object]>([
    ['thrown', () => raise(REFUSED), { reason: 'unknown', error: REFUSED }],
    ['rejected', () => Promise.reject(REFUSED), { reason: 'unknown', error: REFUSED }],
    [
      'of another copy of the package',
      () => raise(OF_ANOTHER_COPY),
      { reason: 'expired', error: OF_ANOTHER_COPY },
    ],
    [
      'for a reason that nobody knows',
      () => raise(Object.assign(new Error(), { code: 'REFUSED', reason: 'mood' })),
      { reason: 'credentials' },
    ],
    ['by the options: another account', () => ({ ...ADMISSION, account: 'OTHER' }), { reason: 'account' }],
    [
      'by the admission: another network',
      () => ({ ...ADMISSION, allowedSources: ['192.168.0.0/16'] }),
      { reason: 'source' },
    ],
  ])('%s is answered at once', async (_, authorize, expected) => {
    const { ask, clock, ends } = testCallout({ authorize });
    const answers = ask();
    await clock.flush();
    expect(answers).toHaveLength(1);
    expect(read(answers[0]).jwt).toBeUndefined();
    expect(read(answers[0]).error).not.toBe('');
    expect(ends()).toMatchObject([{ event: 'refused', ...expected }]);
  });

  it('gives its reason to the log of the server, in one line', async () => {
    const { ask, clock } = testCallout({ authorize: () => raise(REFUSED) });
    const answers = ask();
    await clock.flush();
    expect(read(answers[0]).error).toBe('No such user');
  });

  it.each<[what: string, authorize: () => unknown, event: string]>([
    ['refused', () => raise(REFUSED), 'refused'],
    ['failed', () => raise(new Error('no database')), 'failed'],
  ])('is not answered where refusals are silent: %s', async (_, authorize, event) => {
    const { ask, clock, ends } = testCallout({ authorize, settings: { refusals: 'silent' } });
    const answers = ask();
    await clock.advance(10_000);
    expect(answers).toEqual([]);
    expect(ends()).toMatchObject([{ event }]);
    expect(clock.pending).toBe(0);
  });

  it('leaves admissions answered where refusals are silent', async () => {
    const { ask, clock } = testCallout({ settings: { refusals: 'silent' } });
    const answers = ask();
    await clock.flush();
    expect(answers).toHaveLength(1);
  });
});

describe('an authorizer that fails', () => {
  it.each<[what: string, authorize: () => unknown, cause: string]>([
    ['throws', () => raise(new Error('no database')), 'error'],
    ['rejects', () => Promise.reject(new Error('no database')), 'error'],
    ['rejects with nothing', () => Promise.resolve().then(() => raise(undefined)), 'error'],
    [
      'throws an error that throws',
      () => raise(Object.defineProperties(new Error(), { message: { get: trap }, code: { get: trap } })),
      'error',
    ],
    ['throws a text', () => raise('no database'), 'error'],
    ['throws what throws', () => raise(new Proxy({}, { get: () => raise(new Error('a trap')) })), 'error'],
    ['returns nothing', () => undefined, 'invalid'],
    ['returns null', () => null, 'invalid'],
    ['returns true', () => true, 'invalid'],
    ['returns an admission without a name', () => ({}), 'invalid'],
    ['returns an admission with what does not exist', () => ({ ...ADMISSION, subs: 5 }), 'invalid'],
    ['returns a function', () => () => ADMISSION, 'invalid'],
    [
      'returns what throws',
      () => new Proxy({}, { get: (_, name) => (name === 'then' ? undefined : raise(new Error('a trap'))) }),
      'invalid',
    ],
    ['returns a promise that throws', () => ({ then: () => raise(new Error('a trap')) }), 'error'],
    [
      'returns a promise whose then throws',
      () => Object.defineProperty({}, 'then', { get: () => raise(new Error('a trap')) }),
      'error',
    ],
  ])('%s: the client is refused, and the failure told', async (_, authorize, cause) => {
    const { ask, clock, ends } = testCallout({ authorize });
    const answers = ask();
    await clock.flush();
    expect(answers).toHaveLength(1);
    expect(read(answers[0])).toMatchObject({ error: expect.stringMatching(/^the authorizer/) as string });
    expect(ends()).toMatchObject([{ event: 'failed', cause, error: expect.any(Error) as Error }]);
  });

  it.each<
    [what: string, then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => void]
  >([
    ['answers twice', (resolve) => (resolve(ADMISSION), resolve({ name: 'bob' }))],
    ['answers, and then throws', (resolve) => (resolve(ADMISSION), raise(new Error('late')))],
    ['answers, and then rejects', (resolve, reject) => (resolve(ADMISSION), reject(new Error('late')))],
  ])('%s: the first counts', async (_, then) => {
    const { ask, clock, ends } = testCallout({ authorize: () => ({ then }) });
    const answers = ask();
    await clock.flush();
    expect(answers).toHaveLength(1);
    expect(ends()).toMatchObject([{ event: 'admitted', name: 'alice' }]);
  });

  it('says no secret that it was given, whatever it says', async () => {
    const authorize = ({ credentials }: CalloutRequest) =>
      raise(new Error('wrong', { cause: new Error(`password ${credentials.pass} of ${credentials.user}`) }));
    const { ask, clock, ends, told } = testCallout({ authorize });
    ask();
    await clock.flush();
    expect(ends()).toMatchObject([
      { event: 'failed', error: { message: 'wrong: password [redacted] of alice' } },
    ]);
    expect(inspect(told, { depth: 9 })).not.toContain(MARK);
  });

  it('says no token that it was given, though logs would know it for one', async () => {
    const token = `eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.${MARK}`;
    const { ask, clock, told } = testCallout({
      authorize: ({ credentials }) => raise(new Error(`not verified: ${credentials.token}`)),
    });
    ask(({ nats }) => Object.assign(nats['connect_opts'] ?? {}, { auth_token: token }));
    await clock.flush();
    expect(inspect(told, { depth: 9 })).not.toContain(MARK);
  });

  it('keeps a refusal a refusal when its message has a secret', async () => {
    const { ask, clock, ends } = testCallout({
      authorize: () => raise(new RefusedError(`no ${PASSWORD}`, { reason: 'unknown' })),
    });
    const answers = ask();
    await clock.flush();
    expect(read(answers[0]).error).toBe('no [redacted]');
    expect(ends()).toMatchObject([
      { event: 'refused', reason: 'unknown', error: { code: 'REFUSED', message: 'no [redacted]' } },
    ]);
  });
});

describe('the signal of an authorizer', () => {
  it.each<[what: string, authorize: () => unknown]>([
    ['admits', () => ADMISSION],
    ['refuses', () => raise(new RefusedError('no'))],
    ['fails', () => Promise.reject(new Error('no database'))],
  ])('is not aborted when it %s in time', async (_, authorize) => {
    let signal: AbortSignal | undefined;
    const { ask, clock } = testCallout({
      authorize: (_request, context) => ((signal = context.signal), authorize()),
    });
    ask();
    await clock.advance(10_000);
    expect(signal?.aborted).toBe(false);
  });
});

describe('an authorizer that hangs', () => {
  it('is aborted after its time-out, and the client refused at once', async () => {
    let signal: AbortSignal | undefined;
    const { ask, clock, ends } = testCallout({
      authorize: (_, context) => ((signal = context.signal), never()),
      settings: { timeout: 300 },
    });
    const answers = ask();
    await clock.advance(299);
    expect([answers.length, signal?.aborted]).toEqual([0, false]);
    await clock.advance(6);
    expect(signal?.aborted).toBe(true);
    expect(signal?.reason).toMatchObject({ code: 'AUTHORIZER_TIMEOUT' });
    expect(answers.map(read)).toMatchObject([{ error: 'the authorizer took too long' }]);
    expect(ends()).toMatchObject([
      { event: 'failed', cause: 'timeout', error: { code: 'AUTHORIZER_TIMEOUT' } },
    ]);
    expect(clock.pending).toBe(0);
  });

  it('has no longer than its server waits, however the clocks differ', async () => {
    const { ask, clock, ends } = testCallout({
      authorize: never,
      settings: { timeout: 60_000, clockTolerance: 60_000 },
    });
    clock.jump(30_000);
    ask();
    clock.jump(-60_000);
    ask((claims) => (claims['exp'] = claims['iat']));
    await clock.advance(501);
    expect(ends()).toMatchObject([
      { cause: 'timeout', error: { message: expect.stringContaining('500 ms') as string } },
    ]);
    await clock.advance(1_500);
    expect(ends()).toHaveLength(2);
  });

  it.each<[what: string, end: (result: ReturnType<typeof deferred>) => void]>([
    ['admits', ({ resolve }) => resolve(ADMISSION)],
    ['throws', ({ reject }) => reject(new Error('late'))],
  ])('and %s in the end is not heard any more', async (_, end) => {
    const result = deferred();
    const { ask, clock, ends } = testCallout({ authorize: () => result.promise });
    const answers = ask();
    await clock.advance(2_010);
    end(result);
    await clock.advance(10_000);
    expect(answers).toHaveLength(1);
    expect(ends()).toMatchObject([{ event: 'failed', cause: 'timeout' }]);
  });

  it('does not keep others out for ever', async () => {
    const { ask, clock, ends } = testCallout({
      authorize: ({ client }) => (client.name === 'hangs' ? never() : ADMISSION),
      settings: { concurrency: 1, timeout: 500 },
    });
    ask(({ nats }) => Object.assign(nats['client_info'] ?? {}, { name: 'hangs' }));
    const answers = ask();
    await clock.advance(510);
    expect(ends()).toMatchObject([{ event: 'failed' }, { event: 'admitted' }]);
    expect(answers).toHaveLength(1);
  });
});

describe('more clients than are looked at at once', () => {
  it('wait, and have their turn in the order in which they came', async () => {
    const running: { name: string; end: (value: object) => void }[] = [];
    const { ask, callout, clock, ends } = testCallout({
      settings: { concurrency: 2 },
      authorize: ({ client: { name = '' } }) => {
        const { promise, resolve } = deferred();
        running.push({ name, end: resolve });
        return promise;
      },
    });
    const names = ['a', 'b', 'c', 'd', 'e'];
    for (const name of names) ask(({ nats }) => Object.assign(nats['client_info'] ?? {}, { name }));
    await clock.flush();
    expect(callout.load).toEqual({ inFlight: 2, queued: 3 });
    for (let i = 0; i < names.length; i++) {
      expect(running.length).toBe(Math.min(i + 2, names.length));
      running[i]?.end(ADMISSION);
      await clock.flush();
    }
    expect(running.map(({ name }) => name)).toEqual(names);
    expect(ends().map((end) => 'client' in end && end.client)).toEqual(names);
    expect(callout.load).toEqual({ inFlight: 0, queued: 0 });
  });

  it('are told that there is no time for them while their server still waits', async () => {
    const { ask, clock, ends } = testCallout({
      authorize: never,
      settings: { concurrency: 1, queueTimeout: 400, timeout: 1_500 },
    });
    ask();
    const answers = ask();
    await clock.advance(399);
    expect(answers).toEqual([]);
    await clock.advance(6);
    expect(read(answers[0]).error).toContain('no time');
    expect(ends()).toMatchObject([{ event: 'refused', reason: 'busy', durationMs: 400 }]);
  });

  it('wait no longer than their server, whatever the option says', async () => {
    const { ask, clock, ends } = testCallout({
      ...{ authorize: never, settings: { concurrency: 1, queueTimeout: 60_000, timeout: 1_000 } },
    });
    ask();
    ask((claims) => (claims['exp'] = claims['iat']));
    await clock.advance(501);
    expect(ends()).toMatchObject([{ event: 'refused', reason: 'busy' }]);
  });

  it('are not asked about once nobody waits for them', async () => {
    let asked = 0;
    const { ask, clock } = testCallout({
      authorize: () => (asked++, never()),
      settings: { concurrency: 1, timeout: 1_500 },
    });
    for (let i = 0; i < 50; i++) ask((claims) => (claims['exp'] = claims['iat']));
    await clock.advance(10_000);
    expect(asked).toBe(1);
  });

  it('are passed over by thousands when their time is over and no timer has told so yet', async () => {
    const first = deferred();
    const { ask, clock, ends } = testCallout({
      authorize: () => first.promise,
      settings: { concurrency: 1, refusals: 'silent' },
    });
    await clock.advance(3);
    ask();
    for (let i = 0; i < 4_000; i++) ask((claims) => (claims['exp'] = claims['iat']));
    await clock.advance(501);
    first.resolve(ADMISSION);
    await clock.flush();
    expect(ends().filter((end) => 'reason' in end && end.reason === 'busy')).toHaveLength(4_000);
  });

  it('are told in `load`, to the last', async () => {
    const { ask, clock, loads } = testCallout({ settings: { concurrency: 1 } });
    ask();
    ask();
    await clock.flush();
    expect(loads()).toContainEqual([1, 1]);
    expect(loads().at(-1)).toEqual([0, 0]);
  });

  it('are thousands, of whom each is answered once', async () => {
    const { ask, callout, clock, ends } = testCallout({
      settings: { concurrency: 8 },
      authorize: async () => (await clock.flush(), ADMISSION),
    });
    const answers = Array.from({ length: 2_000 }, () => ask());
    while (callout.load.inFlight > 0) await clock.flush();
    expect(answers.every(({ length }) => length === 1)).toBe(true);
    expect(ends().every(({ event }) => event === 'admitted')).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('need one timer, not one each', async () => {
    const { ask, clock } = testCallout({ authorize: never, settings: { concurrency: 100 } });
    for (let i = 0; i < 500; i++) ask();
    expect(clock.pending).toBe(1);
    await clock.advance(10_000);
    expect(clock.pending).toBe(0);
  });

  it('who are all revoked meanwhile are refused one after the other', async () => {
    const first = deferred();
    const { ask, callout, clock, ends } = testCallout({
      authorize: () => first.promise,
      settings: { concurrency: 1, refusals: 'silent' },
    });
    for (let i = 0; i < 3_000; i++) ask();
    callout.revoke('alice');
    first.resolve(ADMISSION);
    await clock.flush();
    expect(ends().map((end) => 'reason' in end && end.reason)).toEqual(Array(3_000).fill('revoked'));
  });
});

describe('whoever is revoked', () => {
  const user = newUser();
  const withNkey = (claims: { nats: Record<string, object> }) =>
    Object.assign(claims.nats['connect_opts'] ?? {}, { nkey: user.nkey });

  it.each<[by: string, who: string, asked: number]>([
    ['the name of its admission', 'shop-1', 1],
    ['the user that it presents', 'alice', 0],
    ['its nkey', user.nkey, 0],
  ])('does not come in, by %s', async (_, who, times) => {
    let asked = 0;
    const { ask, callout, clock, ends } = testCallout({
      authorize: () => (asked++, { name: 'shop-1' }),
      settings: { revoked: [] },
    });
    callout.revoke(who);
    const answers = ask(withNkey);
    await clock.flush();
    expect(ends()).toMatchObject([{ event: 'refused', reason: 'revoked' }]);
    expect(read(answers[0]).error).toContain('revoked');
    expect(asked).toBe(times);
  });

  it('by the options does not come in before it is restored', async () => {
    const { ask, callout, clock, ends, told } = testCallout({ settings: { revoked: ['alice'] } });
    ask();
    await clock.flush();
    callout.restore('alice');
    ask();
    await clock.flush();
    expect(ends()).toMatchObject([{ event: 'refused' }, { event: 'admitted' }]);
    expect(told).toContainEqual({
      event: 'administered',
      connection: 'callout',
      action: 'restored',
      who: 'alice',
    });
  });

  it('while the authorizer thinks does not come in', async () => {
    const result = deferred();
    const { ask, callout, clock, ends } = testCallout({ authorize: () => result.promise });
    ask();
    callout.revoke('alice');
    result.resolve(ADMISSION);
    await clock.flush();
    expect(ends()).toMatchObject([{ event: 'refused', reason: 'revoked' }]);
  });
});

describe('an answer', () => {
  const signing = (sign: () => Promise<Uint8Array>) => {
    const key = { ...issuer, sign };
    return { issuers: [key], issuerFor: () => key };
  };

  it('that cannot be sent is told', async () => {
    const { clock, ends, receive, server } = testCallout();
    receive(server.request(), () => raise(new Error('connection closed')));
    await clock.flush();
    expect(ends()).toMatchObject([
      { event: 'failed', cause: 'answer', error: { message: 'connection closed' } },
    ]);
  });

  it('that cannot be signed is told, and none goes out', async () => {
    const { ask, clock, ends } = testCallout({
      settings: signing(() => Promise.reject(new Error('no KMS'))),
    });
    const answers = ask();
    await clock.flush();
    expect(answers).toEqual([]);
    expect(ends()).toMatchObject([
      { event: 'failed', cause: 'signing', error: { message: expect.stringContaining('no KMS') as string } },
    ]);
    expect(clock.pending).toBe(0);
  });

  it('is a refusal when only the user could not be signed', async () => {
    let times = 0;
    const sign = () =>
      times++ === 0 ? Promise.reject(new Error('no KMS')) : Promise.resolve(issuer.sign(Buffer.from('x')));
    const { ask, clock, ends } = testCallout({ settings: signing(sign) });
    const answers = ask();
    await clock.flush();
    expect(read(answers[0])).toMatchObject({ error: 'the answer could not be signed' });
    expect(ends()).toMatchObject([{ event: 'failed', cause: 'signing' }]);
  });

  it('that is signed too late does not go out', async () => {
    const signature = deferred<Uint8Array>();
    const { ask, clock, ends } = testCallout({ settings: signing(() => signature.promise) });
    const answers = ask();
    await clock.advance(3_010);
    signature.resolve(new Uint8Array(64));
    await clock.advance(10_000);
    expect(answers).toEqual([]);
    expect(ends()).toMatchObject([{ event: 'failed', cause: 'signing' }]);
  });
});

describe('the end of a callout', () => {
  it('waits for what is under way', async () => {
    const result = deferred();
    const { ask, callout, clock, ends } = testCallout({
      authorize: () => result.promise,
      settings: { concurrency: 1 },
    });
    const answers = [ask(), ask()];
    let isOver = false;
    void callout.finish(10_000).then(() => (isOver = true));
    await clock.advance(500);
    expect(isOver).toBe(false);
    result.resolve(ADMISSION);
    await clock.flush();
    expect(isOver).toBe(true);
    expect(answers.flat()).toHaveLength(2);
    expect(ends()).toMatchObject([{ event: 'admitted' }, { event: 'admitted' }]);
    expect(clock.pending).toBe(0);
  });

  it('aborts and refuses what is left after the grace period', async () => {
    let signal: AbortSignal | undefined;
    const { ask, callout, clock, ends } = testCallout({
      authorize: (_, context) => ((signal = context.signal), never()),
      settings: { concurrency: 1 },
    });
    const answers = [ask(), ask()];
    const finished = callout.finish(100);
    await clock.advance(100);
    await finished;
    expect(signal?.aborted).toBe(true);
    expect(answers.flat().map(read)).toMatchObject([
      { error: 'The callout shuts down.' },
      { error: 'The callout shuts down.' },
    ]);
    expect(ends()).toMatchObject([
      { event: 'refused', reason: 'busy' },
      { event: 'refused', reason: 'busy' },
    ]);
    expect(clock.pending).toBe(0);
  });

  it('does not wait for an answer that nobody signs', async () => {
    const key = { ...issuer, sign: never };
    const { ask, callout, clock, ends } = testCallout({ settings: { issuers: [key], issuerFor: () => key } });
    ask();
    await clock.flush();
    const finished = callout.finish(100);
    await clock.advance(100);
    await finished;
    expect(ends()).toMatchObject([{ event: 'failed', cause: 'signing' }]);
    expect(clock.pending).toBe(0);
  });

  it('comes once, and refuses what arrives after it', async () => {
    const { ask, callout, clock, ends } = testCallout({ authorize: () => expect.fail('It was asked.') });
    const finished = callout.finish(100);
    expect(callout.finish(5)).toBe(finished);
    await finished;
    const answers = ask();
    await clock.flush();
    expect(read(answers[0]).error).toBe('The callout shuts down.');
    expect(ends()).toMatchObject([{ event: 'refused', reason: 'busy' }]);
    expect(clock.pending).toBe(0);
  });
});

describe('an authorizer', () => {
  it('runs in no async context of whoever receives', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const { ask, clock } = testCallout({
      settings: { concurrency: 1 },
      authorize: async (_, { signal }) => {
        signal.addEventListener('abort', () => seen.push(storage.getStore()));
        seen.push(storage.getStore());
        await Promise.resolve();
        seen.push(storage.getStore());
        return never();
      },
    });
    storage.run('a request', () => [ask(), ask()]);
    await clock.advance(5_000);
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.every((store) => store === undefined)).toBe(true);
  });

  it('that keeps the request keeps no secret with it', async () => {
    const kept: CalloutRequest[] = [];
    const { ask, clock } = testCallout({ authorize: (request) => (kept.push(request), ADMISSION) });
    ask();
    expect(kept[0]?.credentials.pass).toBe(PASSWORD);
    await clock.flush();
    expect(kept[0]?.credentials).toMatchObject({ user: 'alice', pass: undefined });
  });
});
