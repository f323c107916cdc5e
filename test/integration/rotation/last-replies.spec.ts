import { Controller, type INestMicroservice } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { NatsAuthService } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { firstValueFrom, timeout } from 'rxjs';
import { expect, it, onTestFinished } from 'vitest';

import { startFaultProxy } from '../../support/fault-proxy.js';
import { serverForTest } from '../../support/server-for-test.js';
import { startClient, startService } from '../nest/app.js';

const COUNT = 10;
/** Together more than the buffers on the way take. */
const BIG = 'x'.repeat(900_000);

const asked: (() => void)[] = [];

@Controller()
class BigController {
  @MessagePattern('big')
  big() {
    return new Promise((resolve) => asked.push(() => resolve(BIG)));
  }
}

it.each<[string, (app: INestMicroservice) => Promise<unknown>]>([
  ['a rotation', (app) => app.get(NatsAuthService).rotate()],
  ['a graceful shutdown', (app) => app.close()],
])('%s closes no connection before the server has its last replies', async (_, end) => {
  asked.length = 0;
  const server = await serverForTest({
    config: 'authorization { users: [ { user: svc, password: secret } ] }\n',
  });
  const proxy = await startFaultProxy(server);
  onTestFinished(() => proxy.stop());
  const userInfoProvider = { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) };
  const connection = { servers: proxy.url, gracefulShutdown: true, gracePeriod: 30_000 };
  const app = await startService({ connection, userInfoProvider }, { controllers: [BigController] });
  const client = await startClient({ connection: { servers: server.url }, userInfoProvider });
  const answers = Promise.all(
    Array.from({ length: COUNT }, () => firstValueFrom(client.send<string>('big', 1).pipe(timeout(20_000)))),
  );
  answers.catch(() => undefined);
  await eventually(() => asked.length === COUNT, { what: 'the handlers to start' });
  const ending = end(app);
  await eventually(
    async () =>
      (await server.connections()).some(({ subscriptions_list = [] }) => subscriptions_list.length === 0),
    { what: 'the connection to take no more messages' },
  );
  proxy.breakOpen('stall');
  for (const finish of asked) finish();
  // The handlers have replied, and everything that waited for nothing else has happened.
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  proxy.heal();
  expect((await answers).map((answer) => answer.length)).toEqual(Array(COUNT).fill(BIG.length));
  await ending;
});
