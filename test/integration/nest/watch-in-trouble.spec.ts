import { NatsAuthService, type UserInfoProvider } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { expect, it, onTestFinished, vi } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { startService } from './app.js';

it.each<[string, () => () => void]>([
  ['returns nothing', () => undefined as never],
  [
    'throws',
    () => {
      throw new Error('no such folder');
    },
  ],
])('a service whose provider has a watch() that %s connects, rotates and closes', async (_, watch) => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  onTestFinished(() => warned.mockRestore());
  const server = await serverForTest();
  let calls = 0;
  const userInfoProvider: UserInfoProvider = {
    getUserInfo: () => ({ user: 'svc', pass: `secret-${calls++}` }),
    watch,
  };
  const app = await startService({ connection: { servers: server.url }, userInfoProvider }, {});
  expect(calls).toBe(1);
  await app.get(NatsAuthService).rotate();
  expect(calls).toBe(2);
  await app.close();
  await eventually(async () => (await server.connections()).length === 0, { what: 'nothing to be left' });
});
