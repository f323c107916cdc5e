import { describe, expect, it } from 'vitest';

import { eventually } from '../../../libs/testing/index.js';
import { connect, seenBy } from '../harness/clients.js';
import { ALICE, configMode } from '../harness/config-mode.js';
import { LANES } from '../harness/lanes.js';

describe.each(LANES)('$label: an admission in configuration mode', (lane) => {
  it('brings the client into the account and under the name that the authorizer says', async () => {
    const { server, callout } = await configMode(lane, {
      server: { accounts: ['APP', 'OTHER'] },
      accounts: ['APP', 'OTHER'],
      authorize: () => ({ name: 'Alice of Wonderland', account: 'OTHER' }),
    });
    await connect(lane, server, ALICE);
    expect(await seenBy(server, 'alice')).toMatchObject({
      account: 'OTHER',
      authorized_user: 'Alice of Wonderland',
    });
    expect(await callout.until('admitted')).toMatchObject({
      name: 'Alice of Wonderland',
      account: 'OTHER',
      client: 'alice',
    });
    expect(callout.asked).toHaveLength(1);
    expect(callout.asked[0]).toMatchObject({
      credentials: { user: 'alice', pass: 'wonderland' },
      client: { name: 'alice', host: '127.0.0.1', type: 'STANDARD' },
      server: { version: server.version },
    });
  });

  it('has the permissions that it names: subjects, queue groups and answers', async () => {
    const { server } = await configMode(lane, {
      authorize: ({ credentials: { user } }) =>
        user === 'alice'
          ? {
              name: 'alice',
              permissions: {
                publish: { allow: ['own.>'], deny: ['own.not'] },
                subscribe: { allow: ['own.>', { subject: 'work', queue: 'workers' }] },
                responses: true,
              },
            }
          : { name: 'bob' },
    });
    const alice = await connect(lane, server, ALICE);
    const bob = await connect(lane, server, { ...ALICE, user: 'bob' });
    const heard: string[] = [];
    bob.subscribe('>', { callback: (_error, { subject }) => void heard.push(subject) });
    alice.subscribe('own.question', { callback: (_error, message) => void message.respond('yes') });
    const refused: string[] = [];
    const listen = (subject: string, queue?: string) =>
      alice.subscribe(subject, {
        ...(queue ? { queue } : {}),
        callback: (error) => {
          if (error) refused.push(`${subject} ${queue ?? ''}`);
        },
      });
    listen('work');
    listen('work', 'others');
    listen('work', 'workers');
    listen('foreign');
    await bob.flush();
    await alice.flush();
    await eventually(() => refused.length === 3, { what: `three refusals, ${refused.join()}` });
    expect(refused.sort()).toEqual(['foreign ', 'work ', 'work others']);

    for (const subject of ['own.a', 'own.not', 'foreign']) alice.publish(subject);
    await alice.flush();
    expect((await bob.request('own.question', '', { timeout: 5_000 })).string()).toBe('yes');
    expect(heard.filter((subject) => !subject.startsWith('_INBOX'))).toEqual(['own.a', 'own.question']);
  });

  it('ends when it expires, and no later than the longest session', async () => {
    const inMs = (ms: number) => Date.now() + ms;
    const { server, callout } = await configMode(lane, {
      maxSession: 4_000,
      authorize: ({ credentials: { user = '' } }) => ({
        name: user,
        ...(user === 'alice' ? { expiresAt: inMs(1_500) } : {}),
        ...(user === 'bob' ? { expiresAt: inMs(3_600_000) } : {}),
      }),
    });
    const ends = ['alice', 'bob', 'carol'].map(async (user) => {
      const connection = await connect(lane, server, { ...ALICE, user, name: user });
      const from = Date.now();
      await connection.closed();
      return Date.now() - from;
    });
    const [alice = 0, bob = 0, carol = 0] = await Promise.all(ends);
    for (const lasted of [alice, bob, carol]) expect(lasted).toBeGreaterThan(400);
    for (const { name, expiresAt } of callout.all('admitted'))
      expect(expiresAt).toBeLessThanOrEqual(inMs(name === 'alice' ? 1_500 : 4_000));
    expect(bob).toBeGreaterThan(alice);
    expect(callout.all('admitted')).toHaveLength(3);
  });

  it('comes from any of the credentials that a client can present', async () => {
    const { server, callout } = await configMode(lane, { authorize: () => ({ name: 'anybody' }) });
    await connect(lane, server, { token: 'a-token' });
    await connect(lane, server, { user: 'alice', pass: 'wonderland' });
    await connect(lane, server, {});
    expect(callout.asked.map(({ credentials }) => credentials)).toMatchObject([
      { token: 'a-token' },
      { user: 'alice', pass: 'wonderland' },
      {},
    ]);
  });
});
