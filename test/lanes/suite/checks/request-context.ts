import { deepEqual } from 'node:assert/strict';

import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type ClientProxy, ClientProxyFactory, MessagePattern, Transport } from '@nestjs/microservices';
import { NatsAuthClient, NatsAuthService } from 'nestjs-nats-auth';
import { firstValueFrom, map } from 'rxjs';

import type { Lane } from '../app.js';
import { allSee, asUser, usersOfNow } from '../request-contexts.js';

/** The service runs in nobody's request, whoever began what it goes through; a reply runs in its caller's. */
export async function requestContext({ service, peer }: Lane): Promise<void> {
  const client = peer.get(NatsAuthClient);
  const handled = () => firstValueFrom(client.send('lane.users', {}));
  // The first one opens the connection.
  deepEqual(await replyOf(client, 'lane.echo', 'anna'), allSee('anna'));
  deepEqual(await replyOf(client, 'lane.echo', 'ben'), allSee('ben'));
  const heard: unknown[] = [];
  for (const app of [service, peer]) {
    const nats = app.get(NatsAuthService);
    nats.on('connected', () => heard.push(usersOfNow()));
    await asUser('the administrator', () => nats.rotate());
    deepEqual(await handled(), allSee('nobody'));
    deepEqual(await replyOf(client, 'lane.echo', 'anna'), allSee('anna'));
  }
  deepEqual(heard, [allSee('nobody'), allSee('nobody')]);
}

/** The control: with the stock transport, all that comes in runs in the request that opened the connection. */
export async function stockRequestContext({ server }: Lane): Promise<void> {
  const options = { servers: server.url, user: 'svc', pass: 'first' };
  const service = await asUser('the starter', async () => {
    const app = await NestFactory.createMicroservice(StockModule, {
      transport: Transport.NATS,
      options,
      logger: false,
    });
    await app.listen();
    return app;
  });
  const client = ClientProxyFactory.create({ transport: Transport.NATS, options });
  try {
    deepEqual(await replyOf(client, 'stock.users', 'anna'), allSee('anna'));
    deepEqual(await replyOf(client, 'stock.users', 'ben'), allSee('anna'));
    deepEqual(await firstValueFrom(client.send('stock.users', {})), allSee('the starter'));
  } finally {
    await client.close();
    await service.close();
  }
}

/** In whose request an operator on the reply of a call of `user` runs. */
function replyOf(client: Pick<ClientProxy, 'send'>, pattern: string, user: string): Promise<unknown> {
  return asUser(user, () => firstValueFrom(client.send(pattern, {}).pipe(map(usersOfNow))));
}

@Controller()
class StockController {
  @MessagePattern('stock.users')
  users() {
    return usersOfNow();
  }
}

@Module({ controllers: [StockController] })
class StockModule {}
