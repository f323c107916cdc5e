import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { NatsAuthService } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { it } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { startService } from '../nest/app.js';

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() data: unknown) {
    return data;
  }
}

it('a service that a lame duck sent away comes back to it when it is up again and the other one ends', async () => {
  const config =
    'lame_duck_duration: "30s"\nlame_duck_grace_period: "10s"\nauthorization { users: [ { user: svc, password: secret } ] }\n';
  const [first, second] = [await serverForTest({ config }), await serverForTest({ config })];
  const app = await startService(
    {
      connection: { servers: [first.url, second.url], noRandomize: true, reconnectTimeWait: 50 },
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    },
    { controllers: [EchoController] },
  );
  const isOn = ({ port }: { port: number }) =>
    eventually(
      () => {
        const { state, server } = app.get(NatsAuthService).status.connections.server ?? {};
        return state === 'connected' && server === `127.0.0.1:${port}`;
      },
      { what: `the service to be on port ${port}` },
    );
  await isOn(first);
  first.lameDuck();
  await isOn(second);
  await first.kill();
  await first.restart();
  await second.kill();
  await isOn(first);
  await eventually(
    async () => {
      const connections = await first.connections();
      return connections.map(({ subscriptions_list }) => subscriptions_list?.join()).join(' and ') === 'echo';
    },
    { what: 'one connection with its handler' },
  );
});
