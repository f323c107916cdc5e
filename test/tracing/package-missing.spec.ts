import { PackageMissingError } from 'nestjs-nats-auth';
import { lastValueFrom } from 'rxjs';
import { expect, it, vi } from 'vitest';

import { serverForTest } from '../support/server-for-test.js';
import { appModule, startAndClose, startClient, startService } from '../integration/nest/app.js';

const asked = vi.hoisted(() => ({ times: 0 }));
vi.mock('@opentelemetry/api', () => {
  asked.times++;
  throw new Error("Cannot find package '@opentelemetry/api'");
});

it('an application that wants no traces never looks for @opentelemetry/api; one that does is told what to install', async () => {
  const server = await serverForTest();
  const options = {
    connection: { servers: server.url },
    userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    metrics: false as const,
  };
  const { Handlers } = await plainHandlers();
  await startService(options, { controllers: [Handlers] });
  const client = await startClient({ ...options, tracing: false });
  expect(await lastValueFrom(client.send('echo', 1))).toBe(1);
  expect(asked.times).toBe(0);
  const failure = await startAndClose(appModule({ ...options, tracing: true })).catch(
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(PackageMissingError);
  expect(failure).toMatchObject({
    code: 'PACKAGE_MISSING',
    message: expect.stringContaining('npm install @opentelemetry/api') as string,
  });
});

/** Handlers that need no tracing themselves. */
async function plainHandlers() {
  const { Controller } = await import('@nestjs/common');
  const { MessagePattern, Payload } = await import('@nestjs/microservices');
  @Controller()
  class Handlers {
    @MessagePattern('echo')
    echo(@Payload() data: unknown) {
      return data;
    }
  }
  return { Handlers };
}
