import { eventually } from 'nestjs-nats-auth/testing';
import { it, onTestFinished } from 'vitest';

import { startFaultProxy } from '../../support/fault-proxy.js';
import { serverForTest } from '../../support/server-for-test.js';
import { startService } from '../nest/app.js';

it('closes while a handover waits for another server that says nothing any more', async () => {
  const users = 'authorization { users: [ { user: svc, password: secret } ] }\n';
  const lameDuck = 'lame_duck_duration: "30s"\nlame_duck_grace_period: "10s"\n';
  const [first, second] = [
    await serverForTest({ config: users + lameDuck }),
    await serverForTest({ config: users }),
  ];
  const proxy = await startFaultProxy(second);
  onTestFinished(() => proxy.stop());
  // Long enough to be met between a probe's subscription and the answer to the flush behind it.
  proxy.treat({ pace: { latencyMs: 300 } });
  const app = await startService(
    {
      connection: { servers: [first.url, proxy.url], noRandomize: true },
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    },
    {},
  );
  first.lameDuck();
  await eventually(
    async () =>
      (await second.connections()).some(({ subscriptions_list = [] }) => subscriptions_list.length > 0),
    { what: 'the probe to be subscribed' },
  );
  proxy.breakOpen('stall');
  await app.close();
  await eventually(async () => (await first.connections()).length === 0, { what: 'no connection' });
});
