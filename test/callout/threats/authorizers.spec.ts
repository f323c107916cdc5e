import { inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import { type Admission, type CalloutFailure, RefusedError } from '../../../libs/callout/index.js';
import { authCalloutConfig, startAuthCallout } from '../../support/auth-callout.js';
import { connect, refusal, VIOLATION } from '../harness/clients.js';
import { ALICE, BOB, configMode } from '../harness/config-mode.js';
import { userKeys, accountKeys, nkeyCredentials, pairOf } from '../harness/keys.js';
import { LANES } from '../harness/lanes.js';
import type { Authorize } from '../harness/running-callout.js';

const RUBBISH: Record<string, unknown> = {
  nothing: undefined,
  null: null,
  'a text': 'alice',
  'an empty object': {},
  'an empty name': { name: '' },
  'a name that is none': { name: 7 },
  'an end that is no number': { name: 'alice', expiresAt: NaN },
  'permissions that are a text': { name: 'alice', permissions: '>' },
  'a subject with a space': { name: 'alice', permissions: { publish: { allow: ['a b'] } } },
  'a scope that nobody knows': { name: 'alice', scope: 'admin' },
  'a getter that throws': { get name() { throw new Error('no name'); } }, // prettier-ignore
};

/** What nats-server does not look at in the JWT of a user that a callout has made. */
const IGNORED: Record<string, object> = { subs: { subs: 1 }, payload: { payload: 1 }, data: { data: 1 } };

describe.each(LANES)('$label: an authorizer', (lane) => {
  const whileAlice = async (authorize: Authorize, cause: CalloutFailure, options: object = {}) => {
    const { server, callout } = await configMode(lane, {
      ...options,
      authorize: (request, context) =>
        request.credentials.user === 'alice' ? authorize(request, context) : { name: 'bob' },
    });
    expect(await refusal(lane, server, ALICE)).toMatch(VIOLATION);
    expect(await callout.until('failed')).toMatchObject({ cause, client: 'alice' });
    await connect(lane, server, BOB);
    expect(callout.connection.isClosed()).toBe(false);
    return callout;
  };

  it.each<[string, () => never | Promise<never>]>([
    ['throws', () => { throw new Error('The database is away.'); }], // prettier-ignore
    ['rejects', () => Promise.reject(new TypeError('x is not a function'))],
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    ['throws what is no error', () => { throw undefined; }], // prettier-ignore
  ])('that %s keeps one client out, and no other', async (_, authorize) => {
    await whileAlice(authorize, 'error');
  });

  it('that hangs keeps one client out, is told to stop, and holds up no other', async () => {
    let aborted = false;
    const hang: Authorize = (_request, { signal }) => {
      signal.addEventListener('abort', () => (aborted = true));
      return new Promise(() => {});
    };
    const callout = await whileAlice(hang, 'timeout', { timeout: 300, concurrency: 1 });
    expect(aborted).toBe(true);
    expect(callout.callout.load).toEqual({ inFlight: 0, queued: 0 });
  });

  it.each(Object.entries(RUBBISH))('that returns %s lets nobody in', async (_, rubbish) => {
    await whileAlice(() => rubbish as Admission, 'invalid');
  });

  it.each(Object.entries(IGNORED))('cannot set %s, which the server would ignore', async (_, limit) => {
    const callout = await whileAlice(() => ({ name: 'alice', ...limit }), 'invalid');
    expect(callout.all('failed')[0]?.error.message).toContain(Object.keys(limit)[0]);
  });

  it('that answers later than the server waits brings in nobody, and is answered for once', async () => {
    const callout = await whileAlice(
      () => new Promise((resolve) => setTimeout(() => resolve({ name: 'alice' }), 900)),
      'timeout',
      { timeout: 300 },
    );
    expect(callout.all('admitted').map(({ name }) => name)).toEqual(['bob']);
  });

  it.each(['SYS', 'AUTH', 'OTHER'])('cannot admit into the account %s', async (account) => {
    const { server, callout } = await configMode(lane, {
      server: { accounts: ['APP', 'OTHER'] },
      authorize: () => ({ name: 'alice', account }),
    });
    expect(await refusal(lane, server, ALICE)).toMatch(VIOLATION);
    expect(await callout.until('refused')).toMatchObject({ reason: 'account' });
  });

  it('cannot admit what has expired', async () => {
    const { server, callout } = await configMode(lane, {
      authorize: () => ({ name: 'alice', expiresAt: Date.now() - 60_000 }),
    });
    expect(await refusal(lane, server, ALICE)).toMatch(VIOLATION);
    expect(await callout.until('refused')).toMatchObject({ reason: 'expired' });
  });

  it('hears of an NKey whether the client has proved it: the server lets every signature pass', async () => {
    const { server, callout } = await configMode(lane, { authorize: () => ({ name: 'anybody' }) });
    const [own, stolen] = [userKeys(), userKeys()];
    await connect(lane, server, nkeyCredentials(own));
    await connect(lane, server, nkeyCredentials({ publicKey: stolen.publicKey, seed: own.seed }));
    expect(callout.asked.map(({ credentials }) => credentials.nkey)).toEqual([
      { publicKey: own.publicKey, proven: true },
      { publicKey: stolen.publicKey, proven: false },
    ]);
  });

  it('is asked about users of the system account as about everybody', async () => {
    const { server, callout } = await configMode(lane, {
      config: (text) => text.replace('"SYS" { users: [', '"SYS" { users: [ { user: admin, password: admin }'),
    });
    expect(await refusal(lane, server, { user: 'admin', pass: 'admin' })).toMatch(VIOLATION);
    expect(callout.asked).toMatchObject([{ credentials: { user: 'admin' } }]);
  });

  it('is not asked about those users of the system account that the configuration lets pass by', async () => {
    const { server, callout } = await configMode(lane, {
      server: { systemUsers: [{ user: 'admin', password: 'admin' }] },
    });
    await connect(lane, server, { user: 'admin', pass: 'admin' });
    expect(await refusal(lane, server, { user: 'admin', pass: 'wrong' })).toMatch(VIOLATION);
    expect(callout.asked).toEqual([]);
  });

  it('puts nothing that a client has presented into events or the log of the server, though its errors quote it', async () => {
    const { server, callout } = await configMode(lane, {
      authorize: ({ credentials: { user, pass } }) => {
        if (user === 'alice') throw new RefusedError(`Nobody has ${pass}.`);
        throw new Error(`No row where password = '${pass}'`);
      },
    });
    for (const client of [ALICE, BOB]) expect(await refusal(lane, server, client)).toMatch(VIOLATION);
    const { error: refused } = await callout.until('refused');
    const { error: failed } = await callout.until('failed');
    const told = inspect([callout.told, refused, failed], { depth: Infinity }) + (await server.log());
    expect(told).toContain('Nobody has');
    expect(told).not.toContain('wonderland');
  });
});

describe.each(LANES)('$label: without this package', (lane) => {
  it.each<[string, string, object]>([
    ['a limit of subscriptions is signed, and nobody keeps it', 'APP', { subs: 1 }],
    ['a client comes into the system account', 'SYS', {}],
    ['a client comes into the account of the callout', 'AUTH', {}],
  ])('%s', async (_, account, permissions) => {
    const server = await lane.serve(authCalloutConfig());
    const callout = await startAuthCallout(server, {
      decide: () => ({ allow: { account, name: 'alice', permissions } }),
    });
    const client = await connect(lane, server, ALICE);
    const refused: Error[] = [];
    for (const subject of ['a', 'b', 'c'])
      client.subscribe(subject, { callback: (error) => { if (error) refused.push(error); } }); // prettier-ignore
    await client.flush();
    expect(refused).toEqual([]);
    await callout.stop();
  });
});

describe.each(LANES)('$label: a signer', (lane) => {
  it.each<[string, (data: Uint8Array) => Uint8Array | Promise<Uint8Array>]>([
    ['that throws', () => { throw new Error('The key service is away.'); }], // prettier-ignore
    ['with another key', (data) => pairOf(accountKeys()).sign(data)],
    ['that returns rubbish', () => new Uint8Array(3)],
  ])('%s keeps clients out, and its reason is told', async (_, sign) => {
    const key = accountKeys();
    const { server, callout } = await configMode(lane, {
      issuer: { publicKey: key.publicKey, sign },
      server: { issuer: key.publicKey, timeout: 1_000 },
    });
    expect(await refusal(lane, server, ALICE)).toMatch(VIOLATION);
    expect(await callout.until('failed')).toMatchObject({ cause: 'signing' });
    expect(callout.connection.isClosed()).toBe(false);
  });

  it('of another account than the server asks for signs nothing', async () => {
    const other = accountKeys();
    const { server, callout, issuer } = await configMode(lane, {
      issuer: other.seed,
      server: { timeout: 500 },
    });
    expect(await refusal(lane, server, ALICE)).toMatch(VIOLATION);
    const { problem, error } = await callout.until('discarded');
    expect(problem).toBe('subject');
    expect(error.message).toContain('callout.issuer');
    for (const key of [issuer, other]) expect(error.message).toContain(key.publicKey);
  });
});
