import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import {
  type NatsAuthEvents,
  NatsAuthHealthIndicator,
  NatsAuthService,
  type UserInfo,
} from 'nestjs-nats-auth';
import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';

import { createOperatorMode, type OperatorMode } from '../../support/operator-mode.js';
import { serverForTest } from '../../support/server-for-test.js';
import { startClient, startService } from '../nest/app.js';

@Controller()
class FourHandlers {
  @MessagePattern('one')
  one() {
    return 1;
  }

  @MessagePattern('two')
  two() {
    return 2;
  }

  @EventPattern('three')
  three(_event: unknown) {}

  @EventPattern('four')
  four(_event: unknown) {}
}

const TOO_MANY = /maximum subscriptions exceeded/;

describe('a server that refuses subscriptions', () => {
  let operator: OperatorMode;
  let server: NatsServer;
  let url: string;
  let creds: string;
  beforeEach(async () => {
    operator = await createOperatorMode();
    server = await serverForTest({ config: await operator.config() });
    ({ url } = server);
  });

  const start = async () => {
    const refused: NatsAuthEvents['subscriptionRefused'][] = [];
    const app = await startService(
      {
        connection: { servers: url, reconnectTimeWait: 20 },
        userInfoProvider: { getUserInfo: (): UserInfo => ({ creds }) },
      },
      {
        controllers: [FourHandlers],
        providers: [
          {
            provide: 'listener',
            inject: [NatsAuthService],
            useFactory: (nats: NatsAuthService) =>
              nats.on('subscriptionRefused', (event) => refused.push(event)),
          },
        ],
      },
    );
    const health = () => app.get(NatsAuthHealthIndicator).check()['nats'];
    return { app, nats: app.get(NatsAuthService), refused, health };
  };

  it('for their number keeps a rotation from taking over, whose old connection serves all handlers', async () => {
    ({ creds } = await operator.mintUser());
    const { nats, health, refused } = await start();
    const caller = await operator.mintUser();
    const client = await startClient({
      connection: { servers: url },
      userInfoProvider: { getUserInfo: () => ({ creds: caller.creds }) },
    });
    ({ creds } = await operator.mintUser({ maxSubscriptions: 2 }));
    await expect(nats.rotate()).rejects.toThrow(TOO_MANY);
    expect(await firstValueFrom(client.send('one', {}))).toBe(1);
    expect(await firstValueFrom(client.send('two', {}))).toBe(2);
    expect(health()).toMatchObject({ status: 'up' });
    expect(refused).toEqual([]);
  });

  it('for their number at the first connect is told, and makes the health check fail until all are heard', async () => {
    ({ creds } = await operator.mintUser({ maxSubscriptions: 2 }));
    const { nats, health, refused } = await start();
    const problem = expect.stringMatching(TOO_MANY) as string;
    expect(refused).toMatchObject([{ role: 'server', problem, count: 2, stillRefused: 2 }]);
    expect(health()).toMatchObject({ status: 'down', reason: expect.stringMatching(TOO_MANY) as string });
    expect(nats.status.connections.server?.refusedSubscriptions).toHaveLength(1);
    ({ creds } = await operator.mintUser());
    await nats.rotate();
    expect(health()).toMatchObject({ status: 'up' });
  });

  it('for permissions makes the health check fail, too, until a reconnect with a permission', async () => {
    ({ creds } = await operator.mintUser({ permissions: { sub: { deny: ['three'] } } }));
    const { nats, health, refused } = await start();
    const down = { status: 'down', reason: expect.stringContaining("subscribe to 'three'") as string };
    expect(health()).toMatchObject(down);
    expect(refused).toMatchObject([{ subject: 'three', stillRefused: 1 }]);
    let reconnects = 0;
    nats.on('connected', ({ kind }) => (reconnects += kind === 'reconnect' ? 1 : 0));
    await server.kill();
    await server.restart();
    await eventually(() => reconnects === 1, { what: 'the service to reconnect' });
    expect(health()).toMatchObject(down);
    // It was told, and goes on.
    expect(refused).toHaveLength(1);
    ({ creds } = await operator.mintUser());
    await server.kill();
    await server.restart();
    await eventually(() => reconnects === 2, { what: 'the service to reconnect with a permission' });
    expect(health()).toMatchObject({ status: 'up' });
  });

  it('lets a rotation take over that lacks no more than the connection in use', async () => {
    const permissions = { sub: { deny: ['three'] } };
    ({ creds } = await operator.mintUser({ permissions }));
    const { nats, refused } = await start();
    ({ creds } = await operator.mintUser({ permissions }));
    expect(await nats.rotate()).toEqual({ server: 'rotated' });
    expect(refused).toHaveLength(1);
    ({ creds } = await operator.mintUser({ permissions: { sub: { deny: ['three', 'four'] } } }));
    await expect(nats.rotate()).rejects.toThrow(/lacks subscriptions: .*'four'/);
  });

  it('for their number does not blame a later loss of the connection on that', async () => {
    ({ creds } = await operator.mintUser({ maxSubscriptions: 2 }));
    const { nats } = await start();
    const why: (string | undefined)[] = [];
    nats.on('disconnected', ({ error }) => why.push(error?.message));
    await server.kill();
    await eventually(() => why.length === 1, { what: 'the loss' });
    expect(why).toEqual([undefined]);
  });
});
