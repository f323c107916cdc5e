import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import type { NatsAuthClient } from 'nestjs-nats-auth';
import { firstValueFrom, timeout } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { startClient } from '../integration/nest/app.js';
import { createOperatorMode } from '../support/operator-mode.js';
import { serverForTest } from '../support/server-for-test.js';
import { NAME } from './suspended/service.js';
import { SuspendedProcess } from './suspended/suspended-process.js';

const LIFETIME_MS = 3_000;

describe('a process of a service', () => {
  it('is stopped until the server has let go of its expired credentials, and comes back with others', async () => {
    const operator = await createOperatorMode();
    const server = await serverForTest({ config: await operator.config() });
    const issued: string[] = [];
    const service = new SuspendedProcess(server.url, async () => {
      const { creds, publicKey } = await operator.mintUser({ expiresInMs: LIFETIME_MS });
      issued.push(publicKey);
      return { creds };
    });
    const { creds } = await operator.mintUser();
    const caller = await startClient({
      userInfoProvider: { getUserInfo: () => ({ creds }) },
      connection: { servers: server.url },
    });
    await answers(caller, 'before');

    service.suspend();
    await eventually(async () => (await usersOf(server)).length === 0, {
      what: 'the server to have let go of it',
      timeoutMs: 20_000,
    });
    const expired = issued.length;
    service.resume();

    await answers(caller, 'after');
    const users = await eventually(async () => ofBothRoles(await usersOf(server)), {
      what: 'one connection in each role',
    });
    for (const user of users) expect(issued.slice(expired), 'users issued since').toContain(user);
    expect(await service.close(), 'exit code').toBe(0);
    expect(service.printed).toBe('');
    await eventually(async () => (await usersOf(server)).length === 0, { what: 'it to leave nothing open' });
  });
});

/** Who the server says that the connections of the service are. */
async function usersOf(server: NatsServer): Promise<string[]> {
  const connections = (await server.connections()).filter(({ name }) => name === NAME);
  return connections.map(({ authorized_user: user = '' }) => user);
}

function ofBothRoles(users: string[]): string[] | undefined {
  return users.length === 2 ? users : undefined;
}

/** The service answers, which takes a connection in each of its roles. */
async function answers(caller: NatsAuthClient, text: string): Promise<void> {
  const answer = await eventually(
    () => firstValueFrom(caller.send<string>(NAME, text).pipe(timeout(1_000))),
    { what: `an answer ${text}`, timeoutMs: 20_000 },
  );
  expect(answer).toBe(text);
}
