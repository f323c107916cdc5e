import { describe, expect, it } from 'vitest';

import type { UserInfoRequest } from '../provider/user-info-provider.js';
import { passOf, setUp, userInfoOf } from './source.fixture.js';

const HOUR = 3_600_000;

/** Chooses by role, as a provider may. */
const passFor = ({ role }: UserInfoRequest) => `of ${role}`;

describe('user info that was asked for one role', () => {
  it('is not presented by the other role that asks while the call is under way', async () => {
    const { clock, provider, resolve, answer, named } = setUp();
    const client = resolve({ role: 'client' });
    const server = resolve({ role: 'server' });
    await answer(userInfoOf(passFor(provider.call.request), clock));
    expect(passOf(client)).toBe('of client');
    expect(provider.calls.map(({ request }) => request.role)).toEqual(['client', 'shared']);
    await answer(userInfoOf(passFor(provider.call.request), clock));
    expect(passOf(server)).toBe('of shared');
    expect(named('reused')).toEqual([]);
  });

  it('is not presented by the other role while it is being presented', async () => {
    const { clock, provider, presents, resolve } = setUp();
    await presents('of server');
    const client = resolve({ role: 'client' });
    await clock.flush();
    expect(client.state).toBe('pending');
    expect(provider.call.request.role).toBe('shared');
  });

  it('is not reused for the other role, but for its own', async () => {
    const { clock, provider, connects, resolve, answer } = setUp({ refresh: { reuse: 60_000 } });
    await connects('of server', HOUR);
    expect(await presented(clock, resolve({ role: 'server' }))).toBe('of server');
    const client = resolve({ role: 'client' });
    await answer(userInfoOf(passFor(provider.call.request), clock, HOUR));
    expect(passOf(client)).toBe('of shared');
    // That is for both.
    expect(await presented(clock, resolve({ role: 'server' }))).toBe('of shared');
    expect(provider.calls).toHaveLength(2);
  });

  it('does not stand in for the other role when the provider fails', async () => {
    const { clock, connects, resolve, fail, source } = setUp();
    const first = await connects('of server', HOUR);
    const [server, client] = [resolve({ role: 'server' }), resolve({ role: 'client' })];
    await fail();
    await clock.flush();
    expect(server.value).toBe(first);
    expect(client.state).toBe('pending');
    source.close();
  });

  it('is not what a rotation moves the other role to', async () => {
    const { clock, provider, source, resolve, answer } = setUp();
    resolve({ role: 'client' });
    resolve({ role: 'server' });
    const refreshed = source.refresh();
    await answer(userInfoOf(passFor(provider.call.request), clock));
    await answer(userInfoOf(passFor(provider.call.request), clock));
    expect((await refreshed).reveal().pass).toBe('of shared');
    expect(provider.calls).toHaveLength(2);
  });

  it('fails the other role as its own call would when the provider fails too often', async () => {
    const { clock, resolve, fail } = setUp({ refresh: { retry: { maxAttempts: 2 } } });
    resolve({ role: 'client' });
    const server = resolve({ role: 'server', firstConnect: true });
    await fail();
    await clock.advance(1_000);
    await fail();
    expect(server).toMatchObject({ state: 'rejected', error: { code: 'USER_INFO_UNAVAILABLE' } });
  });
});

describe('once both roles are in use', () => {
  it('they share each call, which says so', async () => {
    const { clock, provider, connects, resolve, answer } = setUp();
    await connects('of server');
    resolve({ role: 'client' });
    await answer(userInfoOf('of shared', clock));
    await clock.advance(10_000);
    const again = [resolve({ role: 'server' }), resolve({ role: 'client' })];
    await answer(userInfoOf('of shared, again', clock));
    expect(again.map(passOf)).toEqual(['of shared, again', 'of shared, again']);
    expect(provider.calls.map(({ request }) => request.role)).toEqual(['server', 'shared', 'shared']);
  });
});

describe('a source of one role', () => {
  it('names it in each call: at a connect, by hand and ahead of an expiry', async () => {
    const { clock, provider, source, resolve, answer, newer } = setUp({ role: 'client' });
    const connected = resolve({ role: 'client' });
    await answer(userInfoOf('first', clock, HOUR));
    const hold = source.hold(connected.value);
    void source.refresh();
    await answer(userInfoOf('second', clock, HOUR));
    await clock.advance(HOUR * 0.8);
    await answer(userInfoOf('third', clock, HOUR));
    expect(provider.calls.map(({ request }) => [request.role, request.reason])).toEqual([
      ['client', 'reconnect'],
      ['client', 'manual'],
      ['client', 'expiring'],
    ]);
    expect(newer.map(({ userInfo }) => userInfo.reveal().pass)).toEqual(['third']);
    hold.release();
  });
});

async function presented(clock: { flush(): Promise<void> }, resolved: Parameters<typeof passOf>[0]) {
  await clock.flush();
  return passOf(resolved);
}
