import { NatsAuthServer, NatsAuthService } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { expect, it, onTestFinished } from 'vitest';

import { startFaultProxy } from '../../support/fault-proxy.js';
import { serverForTest } from '../../support/server-for-test.js';
import { startService } from '../nest/app.js';

it('a connection that is closed for good during a handover is replaced once, and nothing outlives the application', async () => {
  const server = await serverForTest({
    config: 'authorization { users: [ { user: svc, password: secret } ] }\n',
  });
  const proxy = await startFaultProxy(server);
  onTestFinished(() => proxy.stop());
  const app = await startService(
    {
      connection: { servers: proxy.url },
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    },
    {},
  );
  const nats = app.get(NatsAuthService);
  proxy.treat({ breaks: { at: 'accept', how: 'stall' } });
  const rotation = nats.rotate();
  await eventually(() => proxy.accepted === 2, { what: 'the dial of the handover' });
  await app.get(NatsAuthServer).unwrap<{ close(): Promise<void> }>().close();
  proxy.heal();
  await rotation;
  await eventually(() => nats.status.connections.server?.state === 'connected', { what: 'a connection' });
  await eventually(async () => (await server.connections()).length === 1, { what: 'one connection' });
  expect(proxy.accepted).toBe(2);
  await app.close();
  await eventually(async () => (await server.connections()).length === 0, { what: 'no connection' });
});
