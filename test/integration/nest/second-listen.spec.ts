import { Controller, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import { NatsAuthClient, NatsAuthServer, natsAuthTransport } from 'nestjs-nats-auth';
import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { appModule } from './app.js';

@Controller()
class HelloController {
  @MessagePattern('hello')
  hello() {
    return 'hello';
  }
}

describe('a registration that serves a microservice already', () => {
  let server: NatsServer;
  let app: INestApplication;

  beforeEach(async () => {
    server = await serverForTest();
    const options = {
      connection: { servers: server.url },
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    };
    app = await NestFactory.create(appModule(options, { controllers: [HelloController] }), { logger: false });
    onTestFinished(() => app.close());
    app.connectMicroservice(natsAuthTransport());
  });

  it('refuses a second one, with what to do', async () => {
    app.connectMicroservice(natsAuthTransport());
    await expect(app.startAllMicroservices()).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      message: expect.stringMatching(
        /'default' .*registration of its own.*natsAuthTransport\(name\)/,
      ) as string,
    });
    await app.close();
    await eventually(async () => (await server.connections()).length === 0, { what: 'nothing to be left' });
  });

  it('refuses a second listen(), and goes on', async () => {
    await app.startAllMicroservices();
    await expect(listen()).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
    expect(await server.connections()).toHaveLength(1);
    expect(await firstValueFrom(app.get(NatsAuthClient).send('hello', 1))).toBe('hello');
  });

  it('can be closed and listen again', async () => {
    await app.startAllMicroservices();
    await Promise.all([app.get(NatsAuthServer).close(), app.get(NatsAuthServer).close()]);
    await eventually(async () => (await server.connections()).length === 0, { what: 'nothing to be left' });
    await listen();
    expect(await firstValueFrom(app.get(NatsAuthClient).send('hello', 1))).toBe('hello');
    await app.get(NatsAuthServer).close();
    await eventually(async () => (await server.connections()).length === 1, { what: 'the client only' });
  });

  it('can listen again after a first connect that failed', async () => {
    await server.kill();
    await expect(app.startAllMicroservices()).rejects.toThrow();
    await server.restart();
    await listen();
    expect(await server.connections()).toHaveLength(1);
  });

  const listen = () =>
    new Promise<void>((resolve, reject) => {
      void app
        .get(NatsAuthServer)
        .listen((error?: unknown) => (error instanceof Error ? reject(error) : resolve()));
    });
});
