import { inspect } from 'node:util';

import { Injectable, Module, Scope } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  getNatsAuthConnectionToken,
  InjectNatsAuthConnection,
  NatsAuthClient,
  NatsAuthModule,
  type NatsAuthModuleOptions,
  NatsAuthService,
  type UserInfoRequest,
} from 'nestjs-nats-auth';
import { describe, expect, it, onTestFinished } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';

@Injectable()
class Prices {
  constructor(@InjectNatsAuthConnection() readonly nc: NatsConnection) {}
}

@Injectable()
class Stock {
  constructor(@InjectNatsAuthConnection() readonly nc: NatsConnection) {}
}

const CONFIG = 'authorization { users: [ { user: svc, password: secret } ] }\n';

async function registrationOn(more: Partial<NatsAuthModuleOptions> = {}) {
  const server = await serverForTest({ config: CONFIG });
  const requests: UserInfoRequest[] = [];
  const registration = NatsAuthModule.forRoot({
    connection: { servers: server.url },
    isGlobal: true,
    userInfoProvider: {
      getUserInfo: (request) => {
        requests.push(request);
        return { user: 'svc', pass: 'secret' };
      },
    },
    ...more,
  });
  return { server, requests, registration };
}

describe('@InjectNatsAuthConnection()', () => {
  it('opens no connection for an application that does not inject it', async () => {
    const { server, registration, requests } = await registrationOn();
    const app = await NestFactory.createApplicationContext(registration, { logger: false });
    onTestFinished(() => app.close());
    await app.get(NatsAuthClient).connect();
    expect(await server.connections()).toHaveLength(1);
    expect(requests.map(({ role }) => role)).toEqual(['client']);
    expect(app.get(NatsAuthService).status.connections).not.toHaveProperty('connection');
  });

  it('gives one connected object to everybody, before what injects it is made', async () => {
    const { server, registration, requests } = await registrationOn();
    const connectedAtFirst: boolean[] = [];

    @Injectable()
    class Early {
      constructor(@InjectNatsAuthConnection() nc: NatsConnection) {
        connectedAtFirst.push(!nc.isClosed());
        nc.publish('made');
      }
    }
    @Injectable({ scope: Scope.TRANSIENT })
    class Each {
      constructor(@InjectNatsAuthConnection() readonly nc: NatsConnection) {}
    }
    @Injectable()
    class WithEach {
      constructor(readonly each: Each) {}
    }
    @Module({ providers: [Early, Each, WithEach, Stock], exports: [Stock] })
    class StockModule {}
    @Module({ imports: [registration, StockModule], providers: [Prices] })
    class AppModule {}

    const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
    onTestFinished(() => app.close());
    const { nc } = app.get(Prices);
    expect(app.get(Stock).nc).toBe(nc);
    expect(app.get(WithEach).each.nc).toBe(nc);
    expect(await app.resolve(getNatsAuthConnectionToken())).toBe(nc);
    expect(await app.get(NatsAuthService).connection()).toBe(nc);
    expect(app.get(Prices)).toBe(app.get(Prices));
    expect(connectedAtFirst).toEqual([true]);
    await nc.flush();
    expect(await server.connections()).toHaveLength(1);
    expect(requests.map(({ role, reason }) => [role, reason])).toEqual([['connection', 'connect']]);
    expect(() => app.get<unknown>(getNatsAuthConnectionToken())).toThrow('resolve()');
  });

  it('is opened by natsAuth.connection() where nobody injects it', async () => {
    const { server, registration } = await registrationOn();
    const app = await NestFactory.createApplicationContext(registration, { logger: false });
    onTestFinished(() => app.close());
    expect(await server.connections()).toHaveLength(0);
    const nats = app.get(NatsAuthService);
    const nc: NatsConnection = await nats.connection();
    expect(await nats.connection()).toBe(nc);
    expect(nats.status.connections.connection).toMatchObject({ state: 'connected' });
    expect(await server.connections()).toHaveLength(1);
  });

  it('says whose connection it is when it is used as one of the other driver', async () => {
    const { registration } = await registrationOn();
    const app = await NestFactory.createApplicationContext(registration, { logger: false });
    onTestFinished(() => app.close());
    const nc = await app.get(NatsAuthService).connection<{ jetstream(): object }>();
    expect(() => nc.jetstream()).toThrow(
      expect.objectContaining({
        code: 'DRIVER_MISMATCH',
        message: expect.stringContaining(
          "'@nats-io/transport-node', which this version of NestJS uses",
        ) as string,
      }),
    );
    expect(inspect(nc)).toContain('Connection');
  });

  it('leaves it to nats.js to say that the server has no JetStream, at once', async () => {
    const { registration } = await registrationOn();
    const app = await NestFactory.createApplicationContext(registration, { logger: false });
    onTestFinished(() => app.close());
    const nc = await app.get(NatsAuthService).connection<NatsConnection>();
    await expect(nc.request('$JS.API.INFO')).rejects.toThrow('no responders');
  });

  it('can be replaced in a unit test', async () => {
    const { registration, server } = await registrationOn();
    const fake = { publish: () => {} };
    const module = await Test.createTestingModule({ imports: [registration], providers: [Prices] })
      .overrideProvider(getNatsAuthConnectionToken())
      .useValue(fake)
      .compile();
    onTestFinished(() => module.close());
    expect(module.get(Prices).nc).toBe(fake);
    expect(await server.connections()).toHaveLength(0);
  });

  it('names the registration that does not exist', async () => {
    const { registration } = await registrationOn();
    @Injectable()
    class Wrong {
      constructor(@InjectNatsAuthConnection('nowhere') readonly nc: NatsConnection) {}
    }
    const making = Test.createTestingModule({ imports: [registration], providers: [Wrong] }).compile();
    await expect(making).rejects.toThrow('NatsAuthConnection(nowhere)');
  });
});
