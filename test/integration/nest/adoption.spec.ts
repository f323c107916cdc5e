import { Controller, Inject, Injectable, Module, type ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  Client,
  ClientProxy,
  ClientProxyFactory,
  ClientsModule,
  MessagePattern,
  RpcException,
  ServerTCP,
} from '@nestjs/microservices';
import {
  getNatsAuthClientToken,
  NatsAuthClient,
  NatsAuthModule,
  NatsAuthServer,
  natsAuthTransport,
  type UserInfoProvider,
} from 'nestjs-nats-auth';
import { firstValueFrom } from 'rxjs';
import { expect, it, onTestFinished } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';

const userInfoProvider: UserInfoProvider = { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) };

@Controller()
class OrdersController {
  @MessagePattern('orders.place')
  place(order: string): string {
    if (order === '') throw new RpcException('nothing is ordered');
    return `placed ${order}`;
  }
}

/** As it was with the stock transport. */
@Injectable()
class Callers {
  constructor(@Inject('ORDERS') readonly orders: ClientProxy) {}
}

@Module({ providers: [{ provide: 'ORDERS', useExisting: NatsAuthClient }, Callers], exports: [Callers] })
class CallersModule {}

async function start(options: Partial<Parameters<typeof NatsAuthModule.forRoot>[0]> = {}) {
  const server = await serverForTest({
    config: 'authorization { users: [ { user: svc, password: secret } ] }\n',
  });
  const registration = NatsAuthModule.forRoot({
    ...options,
    isGlobal: true,
    connection: { servers: server.url },
    userInfoProvider,
  });
  @Module({ imports: [registration, CallersModule], controllers: [OrdersController] })
  class AppModule {}
  const app = await NestFactory.createMicroservice(AppModule, {
    ...natsAuthTransport(options.name),
    logger: false,
  });
  onTestFinished(() => app.close());
  await app.listen();
  return app;
}

it('an application that injects a ClientProxy by a name goes on by one line', async () => {
  const app = await start();
  const { orders } = app.get(Callers);
  expect(orders).toBe(app.get(NatsAuthClient));
  await expect(firstValueFrom(orders.send('orders.place', 'a'))).resolves.toBe('placed a');
  await firstValueFrom(orders.emit('orders.seen', 'a'), { defaultValue: undefined });
});

it('is a ClientProxy to the compiler', async () => {
  const app = await start();
  const proxy: ClientProxy = app.get(NatsAuthClient);
  expect(proxy).toBeInstanceOf(ClientProxy);
});

class OwnClient extends NatsAuthClient {}

class WithClient {
  orders!: ClientProxy;
}
Client({ customClass: NatsAuthClient } as never)(WithClient.prototype, 'orders');

const startWith = (metadata: ModuleMetadata) => async () => {
  @Module(metadata)
  class AppModule {}
  const app = await NestFactory.createMicroservice(AppModule, {
    strategy: new ServerTCP({ port: 0 }),
    logger: false,
    abortOnError: false,
  });
  onTestFinished(() => app.close());
  await app.init();
};

it.each<[string, string, () => unknown]>([
  [
    'ClientsModule.register()',
    'NatsAuthClient',
    () => ClientsModule.register([{ name: 'ORDERS', customClass: NatsAuthClient }]),
  ],
  [
    'ClientsModule.register() with a class of the application',
    'OwnClient',
    () => ClientsModule.register([{ name: 'ORDERS', customClass: OwnClient }]),
  ],
  [
    'ClientsModule.registerAsync()',
    'NatsAuthClient',
    startWith({
      imports: [
        ClientsModule.registerAsync([
          { name: 'ORDERS', useFactory: () => ({ customClass: NatsAuthClient }) },
        ]),
      ],
    }),
  ],
  ['ClientProxyFactory', 'NatsAuthClient', () => ClientProxyFactory.create({ customClass: NatsAuthClient })],
  ['@Client()', 'NatsAuthClient', startWith({ controllers: [Controller()(WithClient) ?? WithClient] })],
  ['new', 'NatsAuthClient', () => new NatsAuthClient({ servers: 'nats://localhost' } as never)],
])('a client that %s makes names the alias that works', async (_, alias, make) => {
  const made = new Promise((resolve) => {
    resolve(make());
  });
  await expect(made).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
    message: expect.stringContaining(`{ provide: 'ORDERS', useExisting: ${alias} }`) as string,
  });
});

it('the aliases that are named work: of a class of the application, and of a registration that has a name', async () => {
  const server = await serverForTest();
  const registration = (name: string, more: object = {}) =>
    NatsAuthModule.forRoot({
      name,
      isGlobal: true,
      connection: { servers: server.url },
      userInfoProvider,
      metrics: false,
      ...more,
    });
  @Module({
    imports: [registration('default', { clientClass: OwnClient }), registration('orders')],
    providers: [
      { provide: 'OWN', useExisting: OwnClient },
      { provide: 'ORDERS', useExisting: getNatsAuthClientToken('orders') },
    ],
  })
  class AppModule {}
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  onTestFinished(() => app.close());
  expect(app.get('OWN')).toBeInstanceOf(OwnClient);
  expect(app.get('ORDERS')).toBeInstanceOf(NatsAuthClient);
  expect(app.get('ORDERS')).not.toBe(app.get('OWN'));
  await app.get<ClientProxy>('ORDERS').connect();
});

it('a class that is listed as a provider says that the module makes it', async () => {
  @Module({ imports: [NatsAuthModule.forRoot({ userInfoProvider })], providers: [NatsAuthClient] })
  class AppModule {}
  const starting = NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
  await expect(starting).rejects.toThrow(/list no class of it as a provider/);
});

it('classes of the application override what the stock ones let override', async () => {
  const AUDIT = 'audit';
  const made: string[] = [];
  class OrdersClient extends NatsAuthClient {
    @Inject(AUDIT) readonly audit!: string[];

    protected override serializeError(error: unknown): Error {
      this.audit.push('failed');
      return new Error(`the orders service says: ${JSON.stringify(error)}`);
    }

    protected override initializeSerializer(options: never): void {
      made.push('serializer');
      super.initializeSerializer(options);
    }
  }
  class OrdersServer extends NatsAuthServer {
    protected override initializeDeserializer(options: never): void {
      made.push('deserializer');
      super.initializeDeserializer(options);
    }
  }
  const audit: string[] = [];
  @Module({ providers: [{ provide: AUDIT, useValue: audit }], exports: [AUDIT] })
  class AuditModule {}
  const app = await start({ clientClass: OrdersClient, serverClass: OrdersServer, imports: [AuditModule] });
  const client = app.get(OrdersClient);
  expect(app.get(NatsAuthClient)).toBe(client);
  expect(app.get(NatsAuthServer)).toBeInstanceOf(OrdersServer);
  await expect(firstValueFrom(client.send('orders.place', ''))).rejects.toThrow(
    'the orders service says: {"status":"error","message":"nothing is ordered"}',
  );
  expect(audit).toEqual(['failed']);
  expect(made.sort()).toEqual(['deserializer', 'serializer']);
});

it('a class that is no client is refused by its option', () => {
  class NoClient {}
  expect(() => NatsAuthModule.forRoot({ userInfoProvider, clientClass: NoClient as never })).toThrow(
    /Option 'clientClass': expected a class that extends/,
  );
});
