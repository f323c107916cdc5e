import { NatsAuthService } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { it, onTestFinished } from 'vitest';

import { startFaultProxy } from '../../support/fault-proxy.js';
import { serverForTest } from '../../support/server-for-test.js';
import { startService } from '../nest/app.js';

it('a connection that was being dialled moves to what a rotation got meanwhile', async () => {
  const users = ['first', 'second'].map((user) => `{ user: ${user}, password: secret }`);
  const server = await serverForTest({ config: `authorization { users: [ ${users.join(', ')} ] }\n` });
  const proxy = await startFaultProxy(server);
  onTestFinished(() => proxy.stop());
  let user = 'first';
  const app = await startService(
    {
      connection: { servers: proxy.url, reconnectTimeWait: 10, reconnectJitter: 0 },
      userInfoProvider: { getUserInfo: () => ({ user, pass: 'secret' }) },
    },
    {},
  );
  const nats = app.get(NatsAuthService);
  proxy.treat({ breaks: { at: 'accept', how: 'stall' } });
  proxy.breakOpen('reset');
  // One to knock, and one to dial.
  await eventually(() => proxy.accepted >= 3, { what: 'a dial with the first user' });
  user = 'second';
  await nats.rotate();
  proxy.heal();
  await eventually(
    async () => {
      const connections = await server.connections();
      return connections.map(({ authorized_user }) => authorized_user).join() === 'second';
    },
    { what: 'the second user alone' },
  );
  // The server knows it first.
  await eventually(() => nats.status.connections.server?.state === 'connected', { what: 'the connection' });
});
