import { deepStrictEqual, rejects, strictEqual, throws } from 'node:assert';

import { Injectable, Module, type OnApplicationShutdown, Scope } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  getNatsAuthConnectionToken,
  InjectNatsAuthConnection,
  type NatsConnection,
  NatsAuthModule,
  NatsAuthService,
} from 'nestjs-nats-auth';
import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';

import { type Lane, userWith, Vault } from '../app.js';

/** What this check uses of the driver's own type. */
type Connection = NatsConnection & { isClosed(): boolean; close(): Promise<void> };
type OfEitherDriver = { jetstream(): object; addCloseListener(listener: object): void };

@Injectable()
class Prices implements OnApplicationShutdown {
  constructor(@InjectNatsAuthConnection() readonly nc: Connection) {}

  onApplicationShutdown(): void {
    this.nc.publish('lane.prices', 'last price');
  }
}

@Injectable({ scope: Scope.TRANSIENT })
class Rates {
  constructor(@InjectNatsAuthConnection() readonly nc: Connection) {}
}

@Injectable()
class Stock {
  constructor(
    readonly prices: Prices,
    readonly rates: Rates,
    @InjectNatsAuthConnection() readonly nc: Connection,
  ) {}
}

/** A nats.js connection is injected: one for all, opened only where it is, the same over a rotation, and closed last. */
export async function injectedConnection({ server, service }: Lane): Promise<void> {
  const without = await server.connections();
  const nobody = await start(server, []);
  deepStrictEqual((await server.connections()).length, without.length);
  await nobody.close();

  const app = await start(server, [Prices, Rates, Stock]);
  const nats = app.get(NatsAuthService);
  const { nc, prices, rates } = app.get(Stock);
  deepStrictEqual([prices.nc === nc, rates.nc === nc, prices === app.get(Prices)], [true, true, true]);
  strictEqual(await nats.connection(), nc);
  strictEqual(await app.resolve<unknown>(getNatsAuthConnectionToken()), nc);
  throws(() => app.get<unknown>(getNatsAuthConnectionToken()), /resolve\(\)/);
  strictEqual((await server.connections()).length, without.length + 1);

  const either = nc as unknown as OfEitherDriver;
  const uses = [() => either.jetstream(), () => either.addCloseListener({ connectionClosedCallback() {} })];
  deepStrictEqual(uses.map(codeOfFailure).sort(), ['DRIVER_MISMATCH', undefined]);

  const heard: string[] = [];
  nc.subscribe('lane.prices', {
    callback: (_, { data }) => heard.push(new TextDecoder().decode(data)),
  });
  const peer = await service.get(NatsAuthService).connection<Connection>();
  await nc.flush();
  peer.publish('lane.prices', 'one');
  await peer.flush();
  Vault.password = 'second';
  await server.reload(userWith(Vault.password));
  await eventually(
    () => {
      const { connections } = nats.status;
      return connections.connection?.state === 'connected' && !nc.isClosed();
    },
    { what: 'the connection to be back' },
  );
  deepStrictEqual(await nats.rotate(), { connection: 'rotated' });
  await eventually(() => peer.flush().then(() => true), { what: 'the peer to be back' });
  peer.publish('lane.prices', 'two');
  await eventually(() => heard.includes('two'), { what: 'a message after the rotation' });
  deepStrictEqual(heard, ['one', 'two']);

  const shipped: string[] = [];
  peer.subscribe('lane.prices', { callback: (_, { data }) => shipped.push(new TextDecoder().decode(data)) });
  await peer.flush();
  await app.close();
  await eventually(() => shipped.includes('last price'), { what: 'what a shutdown hook has published' });
  strictEqual(nc.isClosed(), true);

  await peer.close();
  const status = service.get(NatsAuthService);
  deepStrictEqual(status.status.connections.connection?.state, 'closed');
  deepStrictEqual(status.health().problems, []);
  await noSuchRegistration(server);
  Vault.password = 'wrong';
  await rejects(start(server, [Prices]), { code: 'REJECTED' });
}

function codeOfFailure(use: () => unknown): unknown {
  try {
    use();
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

async function noSuchRegistration(server: NatsServer): Promise<void> {
  @Injectable()
  class Wrong {
    constructor(@InjectNatsAuthConnection('nowhere') readonly nc: Connection) {}
  }
  await rejects(start(server, [Wrong]), /NatsAuthConnection\(nowhere\)/);
}

function start(server: NatsServer, providers: (new (...args: never[]) => object)[]) {
  @Module({
    imports: [
      NatsAuthModule.forRoot({
        connection: { servers: server.url, reconnectTimeWait: 100 },
        rejection: { maxOnConnect: 1 },
        userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: Vault.password }) },
      }),
    ],
    providers,
  })
  class AppModule {}
  return NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
}
