import { NatsAuthHealthIndicator } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { expect, it, onTestFinished, vi } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { startService } from '../nest/app.js';

it('a health check tells of an outage also after the wall clock was set back', async () => {
  const server = await serverForTest();
  const service = await startService(
    {
      connection: { servers: server.url },
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    },
    {},
  );
  const health = service.get(NatsAuthHealthIndicator);
  const isDown = () => health.check('nats', { graceTime: 0 })['nats']?.status === 'down';
  expect(isDown()).toBe(false);
  await server.kill();
  await eventually(isDown, { what: 'the outage to show' });
  const realNow = Date.now;
  const now = vi.spyOn(Date, 'now').mockImplementation(() => realNow() - 3_600_000);
  onTestFinished(() => now.mockRestore());
  expect(isDown()).toBe(true);
});
