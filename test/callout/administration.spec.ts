import type { NatsConnection } from '@nats-io/transport-node';
import { eventually, startNatsCluster } from 'nestjs-nats-auth/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

import { systemClock } from '../../libs/base/index.js';
import { endSessions, sessionsOf } from '../../src/callout/administration/sessions.js';
import { SystemAccount } from '../../src/callout/administration/system-account.js';
import { serverForTest } from '../support/server-for-test.js';
import { Agreed, CalloutApp, client, comesIn, withNkey } from './harness/callout-app.js';

const alice = { user: 'alice', pass: 'x' };
const bob = { user: 'bob', pass: 'x' };
const isClosed = (connections: readonly NatsConnection[]) => connections.every((one) => one.isClosed());

describe.each(['default', 'newest'] as const)('an administrator of callouts, nats-server: %s', (release) => {
  const place = async () => {
    const agreed = new Agreed();
    const server = await serverForTest({ release, config: agreed.config() });
    return {
      agreed,
      server,
      start: (more = {}) => CalloutApp.start({ agreed, servers: server.url, ...more }),
    };
  };

  it('revokes in every instance, those that start later too, until it restores', async () => {
    const { server, start } = await place();
    const [first, second] = [await start(), await start()];
    await eventually(async () => (await first.service.revoke(alice.user)).instances === 2, {
      what: 'both to know of it',
    });
    const third = await start();
    await eventually(() => third.all('administered').length > 0, { what: 'the third to learn of it' });
    // A server chooses an instance by chance.
    await eventually(
      async () => {
        expect(await comesIn(server.url, alice)).toBe(false);
        return [first, second, third].every((one) => one.all('refused').length > 0);
      },
      { what: 'each instance to refuse once' },
    );
    expect(await comesIn(server.url, bob)).toBe(true);

    expect(await third.service.restore(alice.user)).toEqual({ instances: 3 });
    for (let i = 0; i < 6; i++) expect(await comesIn(server.url, alice)).toBe(true);
    expect(first.all('administered').map(({ action }) => action)).toEqual(['revoked', 'restored']);
  });

  it('tells callouts of another queue group nothing', async () => {
    const { start } = await place();
    const [one, other] = [await start(), await start({ callout: { queue: 'others' } })];
    expect(await one.service.revoke(alice.user)).toEqual({ instances: 1 });
    expect(other.all('administered')).toEqual([]);
  });

  it('ends the sessions of a name on every server, and nobody else', async () => {
    const agreed = new Agreed();
    const cluster = await startNatsCluster(2, {
      release,
      config: agreed.config().replace('timeout: 5', 'timeout: 2'),
    });
    onTestFinished(() => cluster.stop());
    const app = await CalloutApp.start({ agreed, servers: [...cluster.urls] });
    const [a = '', b = ''] = cluster.urls;
    // The other server has to hear of the callout first.
    for (const url of [a, b])
      await eventually(() => comesIn(url, bob), { what: 'the callout to be asked', timeoutMs: 20_000 });
    const sessions = await Promise.all([client(a, alice), client(a, alice), client(b, alice)]);
    // The last has that name as well, and is a user of the server's own in another account.
    const stays = await Promise.all([client(a, bob), client(b, bob)]);

    const kicked = await app.service.kick(alice.user);
    await eventually(() => isClosed(sessions), { what: 'the sessions to end' });
    expect(kicked.sessions).toBe(3);
    expect(kicked.servers.map(({ sessions: count }) => count).toSorted()).toEqual([1, 2]);
    expect(stays.map((one) => one.isClosed())).toEqual(stays.map(() => false));
    expect(await app.service.kick(alice.user)).toEqual({ sessions: 0, servers: [] });
  });

  it('does not end the session of a user of the same name in another account', async () => {
    const { server, start } = await place();
    const app = await start({ authorize: () => ({ name: 'callout', account: 'APP' }) });
    const session = await client(server.url, bob);
    expect((await app.service.kick('callout')).sessions).toBe(1);
    await eventually(() => session.isClosed(), { what: 'the session to end' });
    const names = (await server.connections()).map(({ authorized_user: user }) => user);
    expect(names).toContain('callout');
    expect(await comesIn(server.url, bob)).toBe(true);
  });

  it('ends the sessions of an NKey, whichever instance has admitted them', async () => {
    const { server, start } = await place();
    const apps = [await start(), await start()];
    const [key, other] = [withNkey(), withNkey()];
    const sessions: NatsConnection[] = [];
    // A server chooses an instance by chance.
    while (apps.some((one) => one.all('admitted').length === 0) || sessions.length < 4)
      sessions.push(await client(server.url, key.options));
    const stays = await client(server.url, other.options);
    const [app] = apps;
    expect((await app?.service.revoke(key.publicKey))?.instances).toBe(2);
    expect((await app?.service.kick(key.publicKey))?.sessions).toBe(sessions.length);
    await eventually(() => isClosed(sessions), { what: 'the sessions to end' });
    expect(stays.isClosed()).toBe(false);
    expect(await comesIn(server.url, key.options)).toBe(false);
  });

  it('revokes in its own instance without a user of the system account, and says what a kick needs', async () => {
    const { server, start } = await place();
    const app = await start({ system: false });
    expect(await app.service.revoke(alice.user)).toEqual({ instances: 1 });
    expect(await comesIn(server.url, alice)).toBe(false);
    await expect(app.service.kick(alice.user)).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      option: 'system',
    });
  });

  it('finds sessions that fill many pages', async () => {
    const { server, start } = await place();
    await start();
    const sessions = await Promise.all(
      Array.from({ length: 7 }, (_, i) => client(server.url, i % 2 ? bob : alice)),
    );
    const admin = await client(server.url, { user: 'admin', pass: 'secret' });
    const system = new SystemAccount(admin as never, systemClock);
    const found = await sessionsOf(alice.user, new Set(['APP']), system, 2);
    expect(found).toHaveLength(4);
    const [ended] = await endSessions(found, system);
    expect(ended?.sessions).toBe(4);
    await eventually(() => sessions.filter((one) => one.isClosed()).length === 4, {
      what: 'the sessions to end',
    });
  });

  it('says so when its user is not one of the system account', async () => {
    const { server } = await place();
    const nobody = await client(server.url, { user: 'callout', pass: 'secret' });
    const system = new SystemAccount(nobody as never, systemClock);
    await expect(system.verify()).rejects.toMatchObject({ code: 'SYSTEM_ACCOUNT' });
  });
});
