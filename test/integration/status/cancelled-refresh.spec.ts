import { NatsAuthService } from 'nestjs-nats-auth';
import { ScriptedUserInfoProvider } from 'nestjs-nats-auth/testing';
import { expect, it } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { startService } from '../nest/app.js';

it('a refresh that nobody waits for any more is no error of the status', async () => {
  const server = await serverForTest();
  const provider = new ScriptedUserInfoProvider({ user: 'svc' });
  const app = await startService({ connection: { servers: server.url }, userInfoProvider: provider }, {});
  const nats = app.get(NatsAuthService);
  const causes: string[] = [];
  nats.on('refreshFailed', ({ cause }) => causes.push(cause));
  provider.thenHangs();
  const refresh = nats.refresh().catch((error: unknown) => error);
  await app.close();
  expect(await refresh).toMatchObject({ code: 'CLOSED' });
  expect(causes).toEqual(['cancelled']);
  expect(nats.status.lastError).toBeUndefined();
});
