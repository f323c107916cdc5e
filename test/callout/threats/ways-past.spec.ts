import { describe, expect, it } from 'vitest';

import { connect, refusal, VIOLATION } from '../harness/clients.js';
import { ALICE, BOB, configMode } from '../harness/config-mode.js';
import { LANES } from '../harness/lanes.js';
import { dial } from '../harness/raw.js';

const LARGE = 100_000;

describe.each(LANES)('$label: a client', (lane) => {
  it('that begins without CONNECT does not come in: the generated configuration has no user for it', async () => {
    const { server, callout } = await configMode(lane);
    const client = await dial(server.port);
    await client.hears('INFO');
    client.say('SUB secrets.> 1\r\nPING\r\n');
    await client.hears('-ERR');
    expect(client.said).not.toContain('PONG');
    expect(callout.asked).toEqual([]);
  });

  it('that begins without CONNECT is no_auth_user wherever there is one, and an old server does not even ask', async () => {
    const { server, callout } = await configMode(lane, {
      authorize: () => ({ name: 'anybody' }),
      config: (text) =>
        `no_auth_user: guest\n${text.replace('"APP" {}', '"APP" { users: [ { user: guest, password: guest } ] }')}`,
    });
    const client = await dial(server.port);
    await client.hears('INFO');
    client.say('SUB secrets.> 1\r\nPING\r\n');
    await client.hears('PONG');
    expect(callout.asked.map(({ credentials: { user } }) => user)).toEqual(
      lane.asksAboutNoAuthUser ? ['guest'] : [],
    );
  });

  it('that presents 100 KB is not looked at, and holds up no other', async () => {
    const { server, callout } = await configMode(lane, {
      server: { timeout: 1_000 },
      config: (text) => `max_control_line: 1MB\n${text}`,
    });
    expect(await refusal(lane, server, { ...ALICE, pass: 'x'.repeat(LARGE) })).toMatch(VIOLATION);
    const { problem, error } = await callout.until('discarded');
    expect(problem).toBe('oversized');
    expect(error.message).toContain('callout.maxRequestSize');
    await connect(lane, server, BOB);
  });
});

describe.each(LANES)('$label: a callback that throws', (lane) => {
  it('of a listener does not end the connection, nor keep a client out', async () => {
    const { server, callout } = await configMode(lane);
    const warned = new Promise((resolve) => process.once('warning', resolve));
    callout.events.on('admitted', () => {
      throw new Error('This listener is broken.');
    });
    await connect(lane, server, ALICE);
    await warned;
    await connect(lane, server, BOB);
    expect(callout.connection.isClosed()).toBe(false);
  });

  it('while it judges servers answers nobody, and ends nothing', async () => {
    const { server, callout } = await configMode(lane, {
      server: { timeout: 500 },
      servers: () => {
        throw new Error('This function is broken.');
      },
    });
    expect(await refusal(lane, server, ALICE)).toMatch(VIOLATION);
    expect((await callout.until('discarded')).problem).toBe('untrusted');
    expect(callout.connection.isClosed()).toBe(false);
  });

  it('of a subscription leaves a connection of nats.js deaf: what the package saves a callout from', async () => {
    const { server } = await configMode(lane);
    const [alice, bob] = [await connect(lane, server, ALICE), await connect(lane, server, BOB)];
    bob.subscribe('ask', { callback: (_error, message) => void message.respond('answer') });
    await bob.flush();
    const ask = () => alice.request('ask', '', { timeout: 1_000 });
    await ask();
    alice.subscribe('a', {
      callback: () => {
        throw new Error('This callback is broken.');
      },
    });
    alice.publish('a');
    await expect(ask()).rejects.toThrow();
  });
});
