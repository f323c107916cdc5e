import { describe, expect, it } from 'vitest';

import type { UserPermissions } from '../../../libs/callout/index.js';
import { eventually } from '../../../libs/testing/index.js';
import { connect, type Connection } from '../harness/clients.js';
import { ALICE, configMode } from '../harness/config-mode.js';
import { LANES } from '../harness/lanes.js';

/** What a client with these permissions brings into the account, and what it is kept from hearing. */
const PERMISSIONS: Readonly<Record<string, UserPermissions>> = {
  nothing: { publish: { allow: [] }, subscribe: { allow: [] } },
  answer: { publish: { allow: [] }, responses: true },
  answers: { responses: { max: Infinity } },
  denied: { publish: { deny: ['secret'] }, responses: true },
};

// A server takes an empty list for none, and a user who may answer for one who may publish nothing else.
describe.each(LANES)('$label: a list of what is allowed', (lane) => {
  it('that is empty allows nothing, and answers go beside it', async () => {
    const { server } = await configMode(lane, {
      authorize: ({ credentials: { user = '' } }) => ({ name: user, permissions: PERMISSIONS[user] ?? {} }),
    });
    const as = (user: string) => connect(lane, server, { ...ALICE, user, name: user });
    const watcher = await as('watcher');
    const heard: string[] = [];
    watcher.subscribe('from.>', {
      callback: (_error, message) => void heard.push(`${message.subject} ${message.string()}`),
    });
    await watcher.flush();

    const nothing = await as('nothing');
    const refused: unknown[] = [];
    nothing.subscribe('from.watcher', { callback: (error) => void refused.push(error) });
    await publish(nothing, 'from.nothing');
    await publish(watcher, 'from.watcher');
    await eventually(() => refused.length > 0, { what: 'a refused subscription' });

    for (const user of ['answer', 'answers', 'denied']) {
      const client = await as(user);
      client.subscribe(`question.${user}`, {
        callback: (_error, message) => {
          for (const answer of ['1', '2']) message.respond(answer);
        },
      });
      await client.flush();
      watcher.publish(`question.${user}`, '', { reply: `from.${user}` });
      await publish(client, 'from.others');
      await publish(client, 'secret');
      await eventually(() => heard.includes(`from.${user} 1`), { what: `an answer of ${user}` });
      await client.flush();
    }
    await watcher.flush();
    expect(refused[0]).toBeInstanceOf(Error);
    expect(heard.sort()).toEqual([
      'from.answer 1',
      'from.answers 1',
      'from.answers 2',
      'from.denied 1',
      'from.denied 2',
      'from.others ',
      'from.watcher ',
    ]);
  });
});

async function publish(client: Connection, subject: string): Promise<void> {
  client.publish(subject);
  await client.flush();
}
