import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { expect, it, onTestFinished } from 'vitest';

import { startFaultProxy } from '../../support/fault-proxy.js';
import { serverForTest } from '../../support/server-for-test.js';
import { startClient, startService } from './app.js';

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() data: unknown) {
    return data;
  }
}

it('a request that is sent right after listen() is answered', async () => {
  const server = await serverForTest({
    config: 'authorization { users: [ { user: svc, password: secret } ] }\n',
  });
  const proxy = await startFaultProxy(server);
  onTestFinished(() => proxy.stop());
  const userInfoProvider = { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) };
  const client = await startClient({ connection: { servers: server.url }, userInfoProvider });
  await client.connect();
  // The subscription takes longer than the request.
  proxy.treat({ pace: { latencyMs: 40 } });
  await startService(
    { connection: { servers: proxy.url }, userInfoProvider },
    { controllers: [EchoController] },
  );
  expect(await firstValueFrom(client.send('echo', 'at once'))).toBe('at once');
});
