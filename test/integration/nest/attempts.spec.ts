import { NestFactory } from '@nestjs/core';
import { NatsAuthClient, natsAuthTransport } from 'nestjs-nats-auth';
import { expect, it, onTestFinished } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { appModule, serviceOf, startClient } from './app.js';

const config = 'authorization { user: svc, password: right }\n';

it('each connect() begins its backoff afresh, however many have failed before', async () => {
  const server = await serverForTest({ config });
  let pass = 'wrong';
  const client = await startClient({
    connection: { servers: server.url },
    rejection: { maxOnConnect: 4, initialDelay: 10, factor: 4, maxDelay: 600_000 },
    userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass }) },
  });
  // The backoff of 24 rejections in a row would be minutes.
  for (let attempt = 0; attempt < 6; attempt++)
    await expect(client.connect()).rejects.toMatchObject({ code: 'REJECTED' });
  pass = 'right';
  await client.connect();
  expect(serviceOf(client).status.connections.client?.state).toBe('connected');
});

it('listen() does not wait for the backoff of a connect() that has failed', async () => {
  const server = await serverForTest({ config });
  let pass = 'wrong';
  const module = appModule({
    connection: { servers: server.url },
    rejection: { maxOnConnect: 2, initialDelay: 1, factor: 1_000_000, maxDelay: 600_000 },
    userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass }) },
  });
  const app = await NestFactory.createMicroservice(module, { ...natsAuthTransport(), logger: false });
  onTestFinished(() => app.close());
  await expect(app.get(NatsAuthClient).connect()).rejects.toMatchObject({ code: 'REJECTED' });
  pass = 'right';
  await app.listen();
});

it('refresh() and rotate() do not wait for what failed before, nor for the backoff of a call under way', async () => {
  const server = await serverForTest({ config });
  let failing = false;
  const client = await startClient({
    connection: { servers: server.url },
    refresh: { retry: { maxAttempts: 2, initialDelay: 5, factor: 1_000_000, maxDelay: 600_000 } },
    userInfoProvider: {
      getUserInfo: () => {
        if (failing) throw new Error('IAM is away');
        return { user: 'svc', pass: 'right', expiresAt: Date.now() + 3_600_000 };
      },
    },
  });
  await client.connect();
  const nats = serviceOf(client);
  failing = true;
  for (let attempt = 0; attempt < 3; attempt++)
    await expect(nats.refresh()).rejects.toMatchObject({ code: 'USER_INFO_UNAVAILABLE' });
  failing = false;
  await nats.refresh();
  await nats.rotate();
});
