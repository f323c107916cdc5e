import { Controller } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { NatsAuthService } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { lastValueFrom } from 'rxjs';
import { expect, it } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { startClient, startService } from '../nest/app.js';

const heard: number[] = [];

@Controller()
class AuditController {
  @EventPattern('audit', { queue: '' })
  audit(@Payload() n: number) {
    heard.push(n);
  }
}

it('a handler that declines the queue group with an empty name hears each event once across rotations', async () => {
  const server = await serverForTest({
    config: 'authorization { users: [ { user: svc, password: secret } ] }\n',
  });
  const options = {
    connection: { servers: server.url, queue: 'workers' },
    userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
  };
  const app = await startService(options, { controllers: [AuditController] });
  const client = await startClient(options);
  const load = { going: true, sent: 0 };
  const emitting = (async () => {
    while (load.going) await lastValueFrom(client.emit('audit', load.sent++), { defaultValue: undefined });
  })();
  for (let rotation = 0; rotation < 20; rotation++) await app.get(NatsAuthService).rotate();
  load.going = false;
  await emitting;
  // Behind the others: whoever was going to hear them twice has done so.
  await eventually(() => new Set(heard).size === load.sent, { what: 'the events' });
  expect(heard).toHaveLength(load.sent);
});
