import { NatsAuthClient, NatsAuthService } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { firstValueFrom, timeout } from 'rxjs';
import { expect, it, onTestFinished } from 'vitest';

import { startFaultProxy } from '../../support/fault-proxy.js';
import { serverForTest } from '../../support/server-for-test.js';
import { startService } from '../nest/app.js';
import { WorkController } from '../rotation/work.js';

it('a request that nobody answered makes the client find out that its connection was dropped without a word', async () => {
  const proxy = await startFaultProxy(await serverForTest());
  onTestFinished(() => proxy.stop());
  const app = await startService(
    {
      connection: { servers: proxy.url, reconnectTimeWait: 20, pingInterval: 600_000 },
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    },
    { controllers: [WorkController] },
  );
  const client = app.get(NatsAuthClient);
  const ask = (ms: number) => firstValueFrom(client.send('echo', 'hello').pipe(timeout(ms)));
  expect(await ask(5_000)).toBe('hello');
  const lost: string[] = [];
  app.get(NatsAuthService).on('disconnected', ({ role }) => void lost.push(role));
  proxy.breakOpen('stall');
  await expect(ask(50)).rejects.toThrow(/Timeout/);
  await eventually(() => lost.includes('client'), { what: 'the client to notice', timeoutMs: 20_000 });
});
