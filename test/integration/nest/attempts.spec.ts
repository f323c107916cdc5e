import { NestFactory } from '@nestjs/core';
import {
  NatsAuthClient,
  type NatsAuthModuleOptions,
  NatsAuthService,
  natsAuthTransport,
} from 'nestjs-nats-auth';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { appModule } from './app.js';

/** Longer than a test: what one rejection makes the next call wait for. */
const NEVER_MS = 600_000;

let pass: string;
beforeEach(() => {
  pass = 'wrong';
});

/** An application whose client was rejected three times. */
async function rejected() {
  const server = await serverForTest({ config: 'authorization { user: svc, password: right }\n' });
  const options: NatsAuthModuleOptions = {
    connection: { servers: server.url },
    rejection: { maxOnConnect: 1, initialDelay: NEVER_MS, maxDelay: NEVER_MS },
    userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass }) },
  };
  const app = await NestFactory.createMicroservice(appModule(options), {
    ...natsAuthTransport(),
    logger: false,
  });
  onTestFinished(() => app.close());
  const client = app.get(NatsAuthClient);
  for (let attempt = 0; attempt < 3; attempt++)
    await expect(client.connect()).rejects.toMatchObject({ code: 'REJECTED' });
  pass = 'right';
  return { app, client, nats: app.get(NatsAuthService) };
}

describe('the backoff of a connect() that has failed does not hold back', () => {
  it('the next connect()', async () => {
    const { client, nats } = await rejected();
    await client.connect();
    expect(nats.status.connections.client?.state).toBe('connected');
  });

  it('listen()', async () => {
    const { app, nats } = await rejected();
    await app.listen();
    expect(nats.status.connections.server?.state).toBe('connected');
  });

  it.each(['refresh', 'rotate'] as const)('%s()', async (ask) => {
    const { nats } = await rejected();
    await nats[ask]();
    expect(nats.status.lastRefresh).toBeDefined();
  });
});
