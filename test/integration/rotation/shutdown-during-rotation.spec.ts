import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { type NatsAuthModuleOptions, NatsAuthService } from 'nestjs-nats-auth';
import { eventually, type NatsServer, type ServerConnection } from 'nestjs-nats-auth/testing';
import { firstValueFrom, timeout } from 'rxjs';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { startFaultProxy } from '../../support/fault-proxy.js';
import { serverForTest } from '../../support/server-for-test.js';
import { startClient, startService } from '../nest/app.js';

const work: { finish?: () => void } = {};

@Controller()
class SlowController {
  @MessagePattern('slow')
  slow() {
    return new Promise((resolve) => (work.finish = () => resolve('done')));
  }

  @MessagePattern('forbidden')
  forbidden() {
    return 'nobody asks';
  }
}

const SVC = '{ user: svc, password: secret }';
const LIMITED = '{ user: limited, password: secret, permissions: { subscribe: { deny: forbidden } } }';

let server: NatsServer;
beforeEach(async () => {
  work.finish = undefined;
  server = await serverForTest({ config: `authorization { users: [ ${SVC}, ${LIMITED} ] }\n` });
});

const service = (servers: string, user = 'svc'): NatsAuthModuleOptions => ({
  connection: { servers, name: 'service', gracefulShutdown: true, gracePeriod: 10_000, timeout: 1_000 },
  userInfoProvider: { getUserInfo: () => ({ user, pass: 'secret' }) },
});

async function ask() {
  const client = await startClient({ ...service(server.url), connection: { servers: server.url } });
  const answer = firstValueFrom(client.send('slow', 1).pipe(timeout(10_000)));
  answer.catch(() => undefined);
  await eventually(() => work.finish, { what: 'the slow handler to start' });
  return { answer };
}

async function connectionsOfService() {
  return (await server.connections()).filter(({ name }) => name === 'service');
}

/** No connection of the service takes messages any more. */
function shutdownIsUnderWay() {
  const takesMessages = ({ subscriptions_list = [] }: ServerConnection) =>
    subscriptions_list.includes('slow');
  return eventually(async () => !(await connectionsOfService()).some(takesMessages), {
    what: 'the handlers to be unsubscribed',
  });
}

describe('a graceful shutdown lets a handler answer', () => {
  it('that a rotation is waiting for on the old connection', async () => {
    const app = await startService(service(server.url), { controllers: [SlowController] });
    const { answer } = await ask();
    let replaced = false;
    app.get(NatsAuthService).on('replaced', () => (replaced = true));
    const rotation = app.get(NatsAuthService).rotate();
    await eventually(() => replaced, { what: 'the new connection to take over' });
    const closing = app.close();
    await shutdownIsUnderWay();
    work.finish?.();
    expect(await answer).toBe('done');
    await Promise.all([rotation, closing]);
    await eventually(async () => (await connectionsOfService()).length === 0, {
      what: 'all connections to close',
    });
  });

  it('while a rotation is dialling, and opens nothing new', async () => {
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    const app = await startService(service(proxy.url), { controllers: [SlowController] });
    const { answer } = await ask();
    proxy.treat({ breaks: { at: 'accept', how: 'stall' } });
    const rotation = app
      .get(NatsAuthService)
      .rotate()
      .catch((error: unknown) => error);
    await eventually(() => proxy.accepted === 2, { what: 'the dial of the rotation' });
    const closing = app.close();
    proxy.heal();
    expect(await rotation).toMatchObject({ code: 'ROTATION_FAILED' });
    work.finish?.();
    expect(await answer).toBe('done');
    await closing;
  });

  it('though the user may not subscribe to what another handler hears', async () => {
    const app = await startService(service(server.url, 'limited'), { controllers: [SlowController] });
    const { answer } = await ask();
    const closing = app.close();
    await shutdownIsUnderWay();
    work.finish?.();
    expect(await answer).toBe('done');
    await closing;
  });
});
