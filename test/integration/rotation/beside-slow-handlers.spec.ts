import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { NatsAuthService, type UserInfo } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';
import { beforeEach, expect, it } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { startClient, startService } from '../nest/app.js';

/** Ends the handlers that are at work. */
let finish: (() => void)[];

@Controller()
class SlowController {
  @MessagePattern('slow')
  slow(data: unknown) {
    return new Promise((resolve) => finish.push(() => resolve(data)));
  }
}

beforeEach(() => {
  finish = [];
});

const names = Array.from({ length: 8 }, (_, n) => `user-${n}`);
const users = [...names, 'caller'].map((name) => `{ user: ${name}, password: secret }`);

it('rotations go on while handlers are at work on old connections, which are bounded in number and answer at their end', async () => {
  const server = await serverForTest({ config: `authorization { users: [ ${users.join(', ')} ] }\n` });
  const serviceConnections = async () =>
    (await server.connections()).filter(({ name }) => name === 'service');
  const usersOf = async () => (await serviceConnections()).map((of) => of.authorized_user);
  /** Who has subscribed the handler: for a moment of a handover both connections have. */
  const listeners = async () =>
    (await serviceConnections())
      .filter(({ subscriptions_list: subjects = [] }) => subjects.includes('slow'))
      .map((of) => of.authorized_user);
  let user = names[0];
  const app = await startService(
    {
      connection: { servers: server.url, name: 'service' },
      userInfoProvider: { getUserInfo: (): UserInfo => ({ user, pass: 'secret' }) },
    },
    { controllers: [SlowController] },
  );
  const client = await startClient({
    connection: { servers: server.url },
    userInfoProvider: { getUserInfo: () => ({ user: 'caller', pass: 'secret' }) },
  });
  const answers: Promise<unknown>[] = [];
  const rotations: Promise<unknown>[] = [];
  const workAndRotate = async (n: number) => {
    answers.push(firstValueFrom(client.send('slow', n)));
    await eventually(() => finish.length === n, { what: 'the handler to be at work' });
    user = names[n];
    rotations.push(app.get(NatsAuthService).rotate());
  };
  for (const n of [1, 2, 3, 4]) {
    await workAndRotate(n);
    await eventually(async () => (await listeners()).join() === names[n], { what: `rotation ${n}` });
  }
  expect(await usersOf()).toEqual(names.slice(0, 5));
  // Four old connections are all that there may be: this one waits until one of them has come to its end.
  await workAndRotate(5);
  await eventually(() => server.connections(), { what: 'the server to answer' });
  expect(await usersOf()).not.toContain(names[5]);
  finish[0]?.();
  await eventually(async () => (await usersOf()).includes(names[5]), { what: 'the rotation that waited' });
  for (const end of finish) end();
  expect(await Promise.all(answers)).toEqual([1, 2, 3, 4, 5]);
  await Promise.all(rotations);
  await eventually(async () => (await usersOf()).join() === names[5], {
    what: 'the old connections to be gone',
  });
});
