import { inspect } from 'node:util';

import { describe, expect, it } from 'vitest';

import { OptionsInvalidError, VirtualClock } from '../../../base/index.js';
import { jwtOf } from '../../../base/secrets.fixture.js';
import type { Admission } from '../../admission.js';
import { RefusedError } from '../../errors.js';
import type { CalloutRequest } from '../../request/callout-request.js';
import { authorized, refusalOf, requestOf } from '../../request.fixture.js';
import { type CachedOptions, cached } from './cached.js';
import { counting } from './composition.fixture.js';

const TTL = 60_000;
const REQUEST = requestOf({ user: 'orders', pass: 'secret' });

function scene(
  decide: Parameters<typeof counting>[0] = () => ({ name: 'orders' }),
  options: Partial<CachedOptions> = {},
) {
  const clock = new VirtualClock();
  const asked = counting(decide);
  return { clock, asked, authorizer: cached(asked, { ttl: TTL, clock, ...options }) };
}

describe('a decision that is kept', () => {
  it('is used again for another connection of the same client, until it is too old', async () => {
    const { clock, asked, authorizer } = scene();
    await authorized(authorizer, REQUEST);
    await clock.advance(TTL - 1);
    const next = { ...REQUEST, userNkey: 'U2', client: { ...REQUEST.client, id: 8 } };
    expect(await authorized(authorizer, next)).toEqual({ name: 'orders' });
    expect(asked.calls).toHaveLength(1);
    await clock.advance(1);
    await authorized(authorizer, REQUEST);
    expect(asked.calls).toHaveLength(2);
  });

  it.each<[string, (request: CalloutRequest) => CalloutRequest]>([
    ['password', (request) => ({ ...request, credentials: { user: 'orders', pass: 'other' } })],
    ['user', (request) => ({ ...request, credentials: { user: 'other', pass: 'secret' } })],
    ['kind of credentials', (request) => ({ ...request, credentials: { token: 'orders', pass: 'secret' } })],
    [
      'proof of its key',
      (request) => ({
        ...request,
        credentials: { ...request.credentials, nkey: { publicKey: 'U', proven: false } },
      }),
    ],
    [
      'proof of its JWT',
      (request) => ({
        ...request,
        credentials: { ...request.credentials, jwt: { token: 'j', proven: true } },
      }),
    ],
    ['address', (request) => ({ ...request, client: { ...request.client, host: '192.0.2.1' } })],
    ['name', (request) => ({ ...request, client: { ...request.client, name: 'other' } })],
    ['way to connect', (request) => ({ ...request, client: { ...request.client, type: 'WEBSOCKET' } })],
    ['certificate', (request) => ({ ...request, tls: { certificates: [], verifiedChains: [['pem']] } })],
    [
      'certificate without proof',
      (request) => ({ ...request, tls: { certificates: ['pem'], verifiedChains: [] } }),
    ],
    ['server', (request) => ({ ...request, server: { ...request.server, name: 'n1' } })],
    ['cluster', (request) => ({ ...request, server: { ...request.server, cluster: 'edge' } })],
  ])('is not used for a client with another %s', async (_, changed) => {
    const { asked, authorizer } = scene();
    await authorized(authorizer, REQUEST);
    await authorized(authorizer, changed(REQUEST));
    expect(asked.calls).toHaveLength(2);
  });

  it('tells an nkey that was proved from one that was not', async () => {
    const { asked, authorizer } = scene(({ credentials }) => {
      if (!credentials.nkey?.proven) throw new RefusedError('not proved');
      return { name: 'key' };
    });
    await authorized(authorizer, requestOf({ nkey: { publicKey: 'U', proven: true } }));
    const forged = requestOf({ nkey: { publicKey: 'U', proven: false } });
    expect(await refusalOf(authorizer, forged)).toBeInstanceOf(RefusedError);
    expect(asked.calls).toHaveLength(2);
  });

  it.each([
    ['number', (at: number) => at],
    ['Date', (at: number) => new Date(at)],
  ])('is not used after the admission has expired (a %s)', async (_, as) => {
    const { clock, asked, authorizer } = scene(() => ({ name: 'x', expiresAt: as(clock.now() + 1_000) }));
    await authorized(authorizer, REQUEST);
    clock.jump(1_000);
    await authorized(authorizer, REQUEST);
    expect(asked.calls).toHaveLength(2);
  });

  it.each(['token', 'pass', 'user', 'jwt'] as const)(
    'is not used after the token, presented as %s, has expired, whatever grace its session has',
    async (field) => {
      const { clock, asked, authorizer } = scene(() => ({ name: 'x', expiresAt: clock.now() + 1e9 }));
      const token = jwtOf({ exp: clock.now() / 1_000 + 10 });
      const request = requestOf({ [field]: field === 'jwt' ? { token, proven: true } : token });
      await authorized(authorizer, request);
      await clock.advance(9_999);
      await authorized(authorizer, request);
      expect(asked.calls).toHaveLength(1);
      await clock.advance(1);
      await authorized(authorizer, request);
      expect(asked.calls).toHaveLength(2);
    },
  );

  it('is none for who is refused, or where the authorizer fails', async () => {
    const outcomes = [new RefusedError('no'), new Error('away')];
    const { asked, authorizer } = scene(() => {
      const error = outcomes.shift();
      if (error) throw error;
      return { name: 'orders' };
    });
    expect(await refusalOf(authorizer, REQUEST)).toBeInstanceOf(RefusedError);
    expect(await refusalOf(authorizer, REQUEST)).toMatchObject({ message: 'away' });
    await authorized(authorizer, REQUEST);
    expect(asked.calls).toHaveLength(3);
  });

  it('makes room, the oldest first', async () => {
    const { asked, authorizer } = scene(undefined, { max: 2 });
    for (const user of ['a', 'b', 'c', 'c', 'b', 'a']) await authorized(authorizer, requestOf({ user }));
    expect(asked.calls.map(({ credentials }) => credentials.user)).toEqual(['a', 'b', 'c', 'a']);
  });

  it('may depend on less, as the application says', async () => {
    const { asked, authorizer } = scene(undefined, { keyOf: ({ credentials }) => credentials.token ?? '' });
    await authorized(authorizer, requestOf({ token: 'a' }));
    await authorized(
      authorizer,
      requestOf({ token: 'a' }, { tls: { certificates: [], verifiedChains: [] } }),
    );
    await authorized(authorizer, requestOf({ token: 'b' }));
    expect(asked.calls).toHaveLength(2);
  });

  it('holds nothing of what was presented', async () => {
    const { authorizer } = scene();
    await authorized(authorizer, requestOf({ token: 'SECRETMARK' }));
    expect(inspect(authorizer, { depth: 9, showHidden: true })).not.toContain('SECRETMARK');
  });
});

describe('requests that are the same', () => {
  /** An authorizer that decides when the test says so. */
  function slow() {
    const decisions: {
      admit: (admission: Admission) => void;
      refuse: (error: Error) => void;
      signal: AbortSignal;
    }[] = [];
    const all = scene(
      (_, { signal }) =>
        new Promise((admit, refuse) => {
          decisions.push({ admit, refuse, signal });
        }),
    );
    return { ...all, decisions };
  }

  it('share one call while it runs', async () => {
    const { authorizer, decisions } = slow();
    const asked = Array.from({ length: 100 }, () => authorized(authorizer, REQUEST));
    await Promise.resolve();
    decisions[0]?.admit({ name: 'orders' });
    expect(await Promise.all(asked)).toHaveLength(100);
    expect(decisions).toHaveLength(1);
  });

  it('share its refusal, which is not kept', async () => {
    const { authorizer, decisions } = slow();
    const asked = [refusalOf(authorizer, REQUEST), refusalOf(authorizer, REQUEST)];
    await Promise.resolve();
    decisions[0]?.refuse(new RefusedError('no'));
    for (const refusal of await Promise.all(asked)) expect(refusal).toBeInstanceOf(RefusedError);
    const again = authorized(authorizer, REQUEST);
    decisions[1]?.admit({ name: 'orders' });
    await again;
  });

  it('go on when the first of them is not waited for any more; the call ends when none is', async () => {
    const { authorizer, decisions } = slow();
    const clients = [new AbortController(), new AbortController()];
    const asked = clients.map(({ signal }) => authorized(authorizer, REQUEST, signal));
    await Promise.resolve();
    clients[0]?.abort(new Error('nobody waits'));
    await expect(asked[0]).rejects.toThrow('nobody waits');
    expect(decisions[0]?.signal.aborted).toBe(false);
    clients[1]?.abort(new Error('nobody waits'));
    await expect(asked[1]).rejects.toThrow('nobody waits');
    expect(decisions[0]?.signal.aborted).toBe(true);
    const later = authorized(authorizer, REQUEST);
    decisions[1]?.admit({ name: 'orders' });
    expect(await later).toEqual({ name: 'orders' });
  });
});

describe('options of cached()', () => {
  it.each<[string, object]>([
    ['ttl', {}],
    ['ttl', { ttl: 0 }],
    ['max', { ttl: 1, max: 0 }],
    ['keyOf', { ttl: 1, keyOf: 'token' }],
    ['size', { ttl: 1, size: 5 }],
  ])('are refused by name: %s', (option, options) => {
    const make = () =>
      cached(
        counting(() => ({ name: 'x' })),
        options as CachedOptions,
      );
    expect(make).toThrow(OptionsInvalidError);
    expect(make).toThrow(`'cached.${option}'`);
  });
});
