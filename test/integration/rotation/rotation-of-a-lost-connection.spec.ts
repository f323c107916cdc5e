import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import type { NatsAuthEvents } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';
import { expect, it, onTestFinished } from 'vitest';

import { startFaultProxy } from '../../support/fault-proxy.js';
import { serverForTest } from '../../support/server-for-test.js';
import { serviceOf, startClient, startService } from '../nest/app.js';

const A_MINUTE = 60_000;
const users = (...names: string[]) =>
  `authorization { users: [ ${names.map((name) => `{ user: ${name}, password: secret }`).join(', ')} ] }\n`;

const asked = { times: 0 };

@Controller()
class SilentController {
  @MessagePattern('silence')
  silence() {
    asked.times++;
    return new Promise(() => undefined);
  }
}

it('a handover of a client whose old connection is lost meanwhile does not wait for it, nor does a request', async () => {
  const server = await serverForTest({ config: users('first', 'second') });
  const proxy = await startFaultProxy(server);
  onTestFinished(() => proxy.stop());
  let user = 'first';
  const client = await startClient({
    // The old connection waits before it dials again.
    connection: { servers: proxy.url, reconnectTimeWait: A_MINUTE },
    rotation: { timeout: A_MINUTE },
    userInfoProvider: { getUserInfo: () => ({ user, pass: 'secret' }) },
  });
  await client.connect();
  const service = { user: 'second', pass: 'secret' };
  await startService(
    { connection: { servers: server.url }, userInfoProvider: { getUserInfo: () => service } },
    { controllers: [SilentController] },
  );
  const request = firstValueFrom(client.send('silence', 1)).catch((error: unknown) => error);
  await eventually(() => asked.times === 1, { what: 'the request to arrive' });
  const nats = serviceOf(client);
  const rotated: NatsAuthEvents['rotated'][] = [];
  nats.on('rotated', (event) => rotated.push(event));
  proxy.treat({ breaks: { at: 'accept', how: 'stall' } });
  user = 'second';
  const rotation = nats.rotate();
  await eventually(() => proxy.accepted === 2, { what: 'the dial of the new connection' });
  await server.reload(users('second'));
  await eventually(() => nats.status.connections.client?.state === 'disconnected', {
    what: 'the old connection to be lost',
  });
  proxy.heal();
  await rotation;
  expect(await request).toMatchObject({ code: 'DISCONNECTED' });
  expect(rotated).toMatchObject([{ outcome: 'success' }]);
}, 15_000);
