import { Controller, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { connect } from '@nats-io/transport-node';
import { NatsAuthService, natsAuthTransport } from 'nestjs-nats-auth';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { appModule, startClient, startService } from './app.js';

const userInfoProvider = { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) };
const LONG = 'x'.repeat(4_090);
/** The server takes it, and the name of a group made of it would be too long beside it. */
const LONG_PATTERN = `long.${'x'.repeat(3_000)}`;

describe('a handler that can hear nothing is refused by listen(), which names its pattern', () => {
  it.each<[what: string, pattern: string, named: string, extras?: object]>([
    ['white space', 'user created', 'user created'],
    ['white space in an object', '{"cmd":"user created"}', 'user created'],
    ['a line of its own', 'a\r\nPUB admin.delete 2', String.raw`a\r\nPUB admin.delete 2`],
    ['an empty token', 'orders..new', 'orders..new'],
    ['a wildcard in the middle', 'orders.>.new', 'orders.>.new'],
    ['too many bytes', LONG, 'xxxxx'],
    ['white space in its queue group', 'orders', 'my workers', { queue: 'my workers' }],
    ['a long queue group', 'orders', `'orders'`, { queue: 'w'.repeat(5_000) }],
  ])('%s', async (_, pattern, named, extras = {}) => {
    const server = await serverForTest();
    const module = appModule(
      { connection: { servers: server.url }, userInfoProvider },
      { controllers: [listenerTo(pattern, extras)] },
    );
    const app = await NestFactory.createMicroservice(module, { ...natsAuthTransport(), logger: false });
    onTestFinished(() => app.close());
    await expect(app.listen()).rejects.toMatchObject({
      code: 'SUBJECT_INVALID',
      message: expect.stringContaining(named) as string,
    });
    expect(await server.connections()).toEqual([]);
  });
});

it('a long pattern that the server takes has a private group beside it', async () => {
  const server = await serverForTest();
  const options = { connection: { servers: server.url }, userInfoProvider };
  await startService(options, { controllers: [Service] });
  const client = await startClient(options);
  expect(await firstValueFrom(client.send(LONG_PATTERN, 'at length'))).toBe('at length');
});

it('a request with a reply subject that is too long for the answer does not end the connection', async () => {
  const server = await serverForTest();
  const options = { connection: { servers: server.url, reconnectTimeWait: 20 }, userInfoProvider };
  const app = await startService(options, { controllers: [Service] });
  let losses = 0;
  app.get(NatsAuthService).on('disconnected', () => losses++);
  const peer = await connect({ servers: server.url });
  onTestFinished(() => peer.close());
  const client = await startClient(options);

  peer.publish('e', JSON.stringify({ id: '1', data: 20_000 }), { reply: 'r'.repeat(4_085) });
  await peer.flush();
  expect(await firstValueFrom(client.send('e', 3))).toBe('yyy');
  expect(losses).toBe(0);
});

it('a publish of an object pattern that is refused fails with its subject', async () => {
  const deny = `permissions: { publish: { deny: ["{\\"cmd\\":\\"drop\\"}"] } }`;
  const server = await serverForTest({
    config: `authorization { users: [ { user: svc, password: secret, ${deny} } ] }\n`,
  });
  const client = await startClient({ connection: { servers: server.url }, userInfoProvider });
  await expect(firstValueFrom(client.send({ cmd: 'drop' }, {}))).rejects.toMatchObject({
    code: 'PUBLISH_REFUSED',
    subject: '{"cmd":"drop"}',
  });
});

@Controller()
class Service {
  @MessagePattern(LONG_PATTERN)
  echo(@Payload() data: unknown) {
    return data;
  }

  @MessagePattern('e')
  answer(@Payload() length: number) {
    return 'y'.repeat(length);
  }
}

function listenerTo(pattern: string, extras: object): Type {
  @Controller()
  class Listener {
    @MessagePattern(pattern, undefined, extras)
    heard() {
      // Never called.
    }
  }
  return Listener;
}
