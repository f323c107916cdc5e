import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { NatsAuthClient, NatsAuthService, type UserInfo } from 'nestjs-nats-auth';
import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';
import { expect, it } from 'vitest';

import { EVENT_NAMES } from '../../support/event-names.js';
import { serverForTest } from '../../support/server-for-test.js';
import { startService } from '../nest/app.js';

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() data: unknown) {
    return data;
  }
}

const configOf = (...users: UserInfo[]) =>
  `authorization { users: [ ${users.map(({ user, pass }) => `{ user: ${user}, password: ${pass} }`).join(', ')} ] }`;

/** Connect, refresh, a change, a rejection and close, with listeners that `hear`; what others saw of each step. */
async function live(hear: () => void): Promise<unknown[]> {
  const [first, second, third] = ['one', 'two', 'three'].map((user) => ({ user, pass: `pass-${user}` }));
  if (!first || !second || !third) throw new Error('Three users.');
  let answer: UserInfo = first;
  let changed = () => {};
  const reasons = new Set<string>();
  const server = await serverForTest({ config: configOf(first, second) });
  const app = await startService(
    {
      connection: { servers: server.url, reconnectTimeWait: 20 },
      rejection: { initialDelay: 1, maxDelay: 1 },
      userInfoProvider: {
        getUserInfo: ({ reason }) => {
          // The server's last words may have been lost with the socket: then it is another dial that hears of the rejection.
          if (reason !== 'reconnect') reasons.add(reason);
          if (reason === 'rejected') answer = third;
          return answer;
        },
        watch: (callback) => {
          changed = callback;
          return () => {};
        },
      },
    },
    { controllers: [EchoController] },
  );
  const nats = app.get(NatsAuthService);
  for (const name of EVENT_NAMES) nats.on(name, hear);
  const echo = () => firstValueFrom(app.get(NatsAuthClient).send('echo', 'hello'));
  const facts: unknown[] = [await echo(), await usersOf(server)];

  facts.push((await nats.refresh()).kind, await usersOf(server));

  answer = second;
  changed();
  await eventually(async () => String(await usersOf(server)) === 'two,two', { what: 'the second user' });
  facts.push(await echo(), [...reasons].sort());

  await server.reload(configOf(third));
  await eventually(async () => String(await usersOf(server)) === 'three,three', { what: 'the third user' });
  facts.push(await echo(), [...reasons].sort(), nats.status.connections.client?.state);

  await app.close();
  await eventually(async () => (await usersOf(server)).length === 0, {
    what: 'both connections to be closed',
  });
  return facts;
}

/** Whose connections the server has. */
async function usersOf(server: NatsServer): Promise<(string | undefined)[]> {
  return (await server.connections()).map(({ authorized_user }) => authorized_user).sort();
}

it('events steer nothing: all goes on as before when every listener of every event throws', async () => {
  let threw = 0;
  const undisturbed = await live(() => {});
  const disturbed = await live(() => {
    threw++;
    throw new Error('a listener');
  });
  expect(threw).toBeGreaterThan(10);
  expect(disturbed).toEqual(undisturbed);
  expect(disturbed).toEqual([
    'hello',
    ['one', 'one'],
    'user',
    ['one', 'one'],
    'hello',
    ['changed', 'connect', 'manual'],
    'hello',
    ['changed', 'connect', 'manual', 'rejected'],
    'connected',
  ]);
});
