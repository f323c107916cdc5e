import { eventually } from 'nestjs-nats-auth/testing';
import { RefusedError } from 'nestjs-nats-auth/callout';
import { describe, expect, it } from 'vitest';

import { serverForTest } from '../support/server-for-test.js';
import { Agreed, CalloutApp, comesIn } from './harness/callout-app.js';

const shop = { user: 'shop', pass: 'very-secret', name: 'shop' };

describe.each(['default', 'newest'] as const)('a server that refuses answers, nats-server: %s', (release) => {
  it('because it expects another key is told before there is an answer, with both keys', async () => {
    const [agreed, other] = [new Agreed(), new Agreed()];
    const server = await serverForTest({
      release,
      config: agreed.config({ issuer: other.issuer }).replace('timeout: 5', 'timeout: 1'),
    });
    const app = await CalloutApp.start({ agreed, servers: server.url });
    expect(await comesIn(server.url, shop)).toBe(false);
    const [discarded] = await app.until('discarded');
    expect(discarded?.problem).toBe('subject');
    expect(discarded?.error.message).toContain(other.issuer);
    expect(discarded?.error.message).toContain(agreed.issuer);
    expect(app.all('answerRefused')).toEqual([]);
  });

  it('and does not know an account is heard by one instance of the group', async () => {
    const agreed = new Agreed();
    const server = await serverForTest({ release, config: agreed.config() });
    const start = () =>
      CalloutApp.start({
        agreed,
        servers: server.url,
        callout: { accounts: ['NOWHERE'] },
        authorize: () => ({ name: 'shop', account: 'NOWHERE' }),
      });
    const apps = [await start(), await start()];
    const heard = () => apps.flatMap((app) => app.all('answerRefused'));
    for (let times = 1; times <= 4; times++) {
      expect(await comesIn(server.url, shop)).toBe(false);
      await eventually(() => heard().length >= times, { what: `${times} refused answers` });
    }
    expect(heard()).toHaveLength(4);
    const [{ error, server: name } = { error: new Error('none'), server: '' }] = heard();
    expect(error.message).toMatch(/No valid account "NOWHERE".*'callout.accounts'/);
    expect(name).toMatch(/^N/);
    expect(JSON.stringify(heard()) + error.message).not.toContain('very-secret');
  });

  it('is another thing than a client that the callout has refused, or one that nobody has answered', async () => {
    const agreed = new Agreed();
    const server = await serverForTest({
      release,
      config: agreed.config().replace('timeout: 5', 'timeout: 1'),
    });
    const app = await CalloutApp.start({
      agreed,
      servers: server.url,
      authorize: ({ credentials: { user } }) => {
        if (user === 'shop') throw new RefusedError('not today');
        if (user === 'slow') return new Promise(() => {});
        return { name: 'x', account: 'APP' };
      },
    });
    expect(await comesIn(server.url, shop)).toBe(false);
    expect(await comesIn(server.url, { user: 'slow', pass: 'x' })).toBe(false);
    await app.until('failed');
    expect(app.all('refused')).toHaveLength(1);
    expect(await comesIn(server.url, { user: 'x', pass: 'x' })).toBe(true);
    expect(app.all('answerRefused')).toEqual([]);
  });

  it('is no fault where the account may not hear it', async () => {
    const agreed = new Agreed();
    const permissions = ', permissions: { subscribe: { allow: ["$SYS.REQ.USER.AUTH", "_INBOX.>"] } }';
    const server = await serverForTest({ release, config: agreed.config({ callout: permissions }) });
    const app = await CalloutApp.start({ agreed, servers: server.url });
    expect(await comesIn(server.url, shop)).toBe(true);
    expect(app.service.status).toMatchObject({ listening: true, health: { state: 'up' } });
  });
});
