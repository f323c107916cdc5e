import { deepStrictEqual } from 'node:assert';

import {
  Catch,
  Controller,
  type INestMicroservice,
  Module,
  type RpcExceptionFilter,
  UseFilters,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import { NatsAuthClient, NatsAuthModule, NatsAuthService, natsAuthTransport } from 'nestjs-nats-auth';
import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { finalize, firstValueFrom, interval, retry, timeout } from 'rxjs';

import { type Lane, Vault } from '../app.js';

@Catch()
class Rethrows implements RpcExceptionFilter {
  catch(exception: unknown): never {
    throw exception;
  }
}

const streams = { begun: 0, live: 0 };

@Controller()
class WaysOut {
  @MessagePattern('out.filter-throws')
  @UseFilters(Rethrows)
  filterThrows(): void {
    throw new Error('of the handler');
  }

  @MessagePattern('out.unserializable')
  unserializable(): bigint {
    return BigInt(1);
  }

  @MessagePattern('out.too-large')
  tooLarge(): string {
    return 'x'.repeat(2_000_000);
  }

  @MessagePattern('out.endless')
  endless() {
    streams.begun++;
    streams.live++;
    return interval(20).pipe(finalize(() => streams.live--));
  }
}

/** However a handler ends, its caller hears of it, nobody waits for it any more, and the process goes on. */
export async function waysOut({ peer, server }: Lane): Promise<void> {
  const service = await startService(server);
  try {
    const client = peer.get(NatsAuthClient);
    const failure = (pattern: string) =>
      firstValueFrom(client.send<unknown>(pattern, {}).pipe(timeout(5_000))).catch((error: unknown) => error);
    deepStrictEqual(await failure('out.filter-throws'), {
      status: 'error',
      message: 'Internal server error',
    });
    const unsent = { status: 'error', message: 'The reply could not be sent' };
    deepStrictEqual(await failure('out.unserializable'), unsent);
    deepStrictEqual(await failure('out.too-large'), unsent);
    const events: unknown[] = [];
    service.get(NatsAuthService).on('cutOff', (event) => events.push(event));
    await service.get(NatsAuthService).rotate();
    deepStrictEqual(events, []);
  } finally {
    await service.close();
  }
}

/** Streams end with the connection that their requests came in on, and when nobody hears them any more. */
export async function streamsEnd({ peer, server }: Lane): Promise<void> {
  Object.assign(streams, { begun: 0, live: 0 });
  const service = await startService(server);
  try {
    const client = peer.get(NatsAuthClient);
    const call = client.send('out.endless', {}).pipe(retry()).subscribe();
    await eventually(() => streams.begun === 1, { what: 'the stream' });
    for (let rotation = 1; rotation <= 2; rotation++) {
      await service.get(NatsAuthService).rotate();
      await eventually(() => streams.begun === rotation + 1, { what: 'the next call' });
    }
    deepStrictEqual(streams.live, 1);
    call.unsubscribe();
    await peer.close();
    await eventually(() => streams.live === 0, { what: 'no stream', timeoutMs: 20_000 });
  } finally {
    await service.close();
  }
}

async function startService(server: NatsServer): Promise<INestMicroservice> {
  @Module({
    imports: [
      NatsAuthModule.forRoot({
        connection: { servers: server.url },
        rotation: { timeout: 200 },
        userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: Vault.password }) },
      }),
    ],
    controllers: [WaysOut],
  })
  class WaysOutModule {}
  const service = await NestFactory.createMicroservice(WaysOutModule, {
    ...natsAuthTransport(),
    logger: false,
  });
  await service.listen();
  return service;
}
