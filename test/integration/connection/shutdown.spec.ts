import { Controller, type OnApplicationShutdown } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern } from '@nestjs/microservices';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  InjectNatsAuthConnection,
  type NatsAuthModuleOptions,
  NatsAuthService,
  natsAuthTransport,
} from 'nestjs-nats-auth';
import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

import { startBlackHole } from '../../support/black-hole.js';
import { serverForTest } from '../../support/server-for-test.js';
import { appModule, startClient } from '../nest/app.js';

const userInfoProvider = { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) };
const optionsFor = (server: NatsServer): NatsAuthModuleOptions => ({
  connection: { servers: server.url, gracefulShutdown: true },
  userInfoProvider,
});

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Handles an order for a moment, and tells of it over the injected connection. */
@Controller()
class OrdersController implements OnApplicationShutdown {
  static begun = 0;

  constructor(@InjectNatsAuthConnection() private readonly nc: NatsConnection) {}

  @EventPattern('order')
  async order(_: unknown) {
    OrdersController.begun++;
    await wait(300);
    this.nc.publish('shipped', 'parcel');
  }

  onApplicationShutdown() {
    this.nc.publish('shipped', 'last parcel');
  }
}

/** A peer that notes what is shipped, and gives orders. */
async function startShop(server: NatsServer) {
  const client = await startClient({ connection: { servers: server.url }, userInfoProvider });
  await client.connect();
  const nc = client.unwrap<NatsConnection>();
  const shipped: string[] = [];
  nc.subscribe('shipped', { callback: (_, message) => void shipped.push(message.string()) });
  await nc.flush();
  return { shipped, order: () => nc.publish('order', JSON.stringify({ pattern: 'order', data: 1 })) };
}

describe('at a shutdown the injected connection', () => {
  it.each(['a microservice', 'a hybrid application'])(
    'sends what the last handlers and shutdown hooks of %s publish, and closes after them',
    async (kind) => {
      const server = await serverForTest();
      const module = appModule(optionsFor(server), { controllers: [OrdersController] });
      const transport = natsAuthTransport();
      const start = async () => {
        if (kind === 'a microservice') {
          const app = await NestFactory.createMicroservice(module, { ...transport, logger: false });
          await app.listen();
          return app;
        }
        const app = await NestFactory.create(module, { logger: false });
        app.connectMicroservice(transport);
        await app.startAllMicroservices();
        await app.init();
        return app;
      };
      const app = await start();
      const shop = await startShop(server);
      const closed: string[] = [];
      app.get(NatsAuthService).on('closed', ({ role }) => closed.push(role));
      const before = OrdersController.begun;
      shop.order();
      await eventually(() => OrdersController.begun > before, { what: 'the handler to run' });
      await app.close();
      await eventually(() => expect(shop.shipped).toEqual(['parcel', 'last parcel']), {
        what: 'the event of the handler',
      });
      expect(closed).toEqual(['server', 'connection']);
      await eventually(async () => (await server.connections()).length === 1, {
        what: 'the server to notice',
      });
    },
  );

  it('that is being opened is given up', async () => {
    const hole = await startBlackHole();
    onTestFinished(() => hole.stop());
    const options = { connection: { servers: hole.url, timeout: 60_000 }, userInfoProvider };
    const app = await NestFactory.createApplicationContext(appModule(options), { logger: false });
    const nats = app.get(NatsAuthService);
    const opening = nats.connection().catch((error: unknown) => error);
    await eventually(() => nats.status.connections.connection?.state === 'connecting', { what: 'the dial' });
    await app.close();
    expect(await opening).toMatchObject({ code: 'CLOSED' });
    await expect(nats.connection()).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('that nobody has asked for is not opened any more', async () => {
    const server = await serverForTest();
    const app = await NestFactory.createApplicationContext(appModule(optionsFor(server)), { logger: false });
    const nats = app.get(NatsAuthService);
    await app.close();
    await expect(nats.connection()).rejects.toMatchObject({ code: 'CLOSED' });
    expect(await server.connections()).toEqual([]);
  });
});
