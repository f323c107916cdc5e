import { Controller, Inject, Injectable, Module, type OnModuleInit, Scope } from '@nestjs/common';
import { NestFactory, REQUEST } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  getNatsAuthClientToken,
  getUserInfoProviderToken,
  InjectNatsAuthClient,
  NatsAuthClient,
  natsAuthConfig,
  NatsAuthHealthIndicator,
  NatsAuthModule,
  type NatsAuthOptions,
  NatsAuthServer,
  NatsAuthService,
  natsAuthTransport,
  type UserInfo,
  type UserInfoProvider,
} from 'nestjs-nats-auth';
import {
  eventually,
  freePort,
  LocalClient,
  type NatsServer,
  ScriptedUserInfoProvider,
  startNatsServer,
} from 'nestjs-nats-auth/testing';
import { firstValueFrom, timeout } from 'rxjs';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';

import { socketsAccepted } from '../../support/sockets-accepted.js';
import { appModule } from './app.js';

let server: NatsServer;
beforeAll(
  async () =>
    (server = await startNatsServer({
      config: 'authorization { users: [ { user: svc, password: secret } ] }\n',
    })),
);
afterAll(() => server.stop());
afterEach(() => vi.unstubAllEnvs());

@Injectable()
class StaticProvider implements UserInfoProvider {
  /** The instances that were asked, call after call. */
  static asked: StaticProvider[] = [];

  getUserInfo(): UserInfo {
    StaticProvider.asked.push(this);
    return { user: 'svc', pass: 'secret' };
  }
}

type Provider = Parameters<typeof NatsAuthModule.forRootAsync>[0]['userInfoProvider'];

@Module({ providers: [StaticProvider], exports: [StaticProvider] })
class CredentialsModule {}

@Injectable()
class OptionsFactory {
  createNatsAuthOptions(): NatsAuthOptions {
    return { connection: { servers: server.url } };
  }
}

@Module({ providers: [OptionsFactory], exports: [OptionsFactory] })
class SettingsModule {}

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo() {
    return 'echo';
  }
}

async function connects(module: ReturnType<typeof NatsAuthModule.forRoot>): Promise<TestingModule> {
  const app = await Test.createTestingModule({ imports: [module] }).compile();
  onTestFinished(() => app.close());
  await app.get(NatsAuthClient).connect();
  return app;
}

describe('the provider of a registration can be', () => {
  const useFactory = () => ({ connection: { servers: server.url } });
  const given = new StaticProvider();
  it.each<[string, Provider, (exported: StaticProvider) => StaticProvider | undefined]>([
    ['a class, of which it makes an instance', StaticProvider, () => undefined],
    ['useClass, of which it makes an instance', { useClass: StaticProvider }, () => undefined],
    ['useExisting, whose instance is asked', { useExisting: StaticProvider }, (exported) => exported],
    [
      'useFactory, whose result is asked',
      { useFactory: async (of: StaticProvider) => Promise.resolve(of), inject: [StaticProvider] },
      (exported) => exported,
    ],
    ['useValue, which is asked', { useValue: given }, () => given],
    ['an instance, which is asked', given, () => given],
  ])('%s', async (_name, userInfoProvider, expected) => {
    StaticProvider.asked = [];
    const app = await connects(
      NatsAuthModule.forRootAsync({ imports: [CredentialsModule], useFactory, userInfoProvider }),
    );
    const exported = app.select(CredentialsModule).get(StaticProvider);
    const [asked] = StaticProvider.asked;
    expect(StaticProvider.asked).toHaveLength(1);
    const known = expected(exported);
    if (known) expect(asked).toBe(known);
    else expect([exported, given]).not.toContain(asked);
  });
});

describe('the options of a registration can come from', () => {
  it('useClass', () =>
    connects(NatsAuthModule.forRootAsync({ useClass: OptionsFactory, userInfoProvider: StaticProvider })));
  it('useExisting', () =>
    connects(
      NatsAuthModule.forRootAsync({
        imports: [SettingsModule],
        useExisting: OptionsFactory,
        userInfoProvider: StaticProvider,
      }),
    ));
  it('the environment through @nestjs/config', async () => {
    vi.stubEnv('NATS_SERVERS', server.url);
    vi.stubEnv('NATS_NAME', 'from-the-environment');
    vi.stubEnv('NATS_AUTH_ROTATION_MODE', 'reconnect');
    const app = await connects(
      NatsAuthModule.forRootAsync({ ...natsAuthConfig.asProvider(), userInfoProvider: StaticProvider }),
    );
    const modes: string[] = [];
    app.get(NatsAuthService).on('rotated', ({ mode }) => modes.push(mode));
    await app.get(NatsAuthService).rotate();
    expect(modes).toEqual(['reconnect']);
    expect((await server.connections()).map(({ name }) => name)).toContain('from-the-environment');
  });
  it('the environment, which is refused with the name of the variable', () => {
    vi.stubEnv('NATS_AUTH_REFRESH_TIMEOUT', 'soon');
    expect(() => natsAuthConfig()).toThrow(/'NATS_AUTH_REFRESH_TIMEOUT': expected a number, got 'soon'/);
    vi.stubEnv('NATS_SERVERS', 'nats://a,b:99999');
    expect(() => natsAuthConfig()).toThrow(/'NATS_SERVERS': the port of 'b:99999' is not from 1 to 65535/);
  });
});

describe('a registration that cannot be', () => {
  it('with a request-scoped provider is refused', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest extends StaticProvider {}
    const start = Test.createTestingModule({
      imports: [NatsAuthModule.forRoot({ userInfoProvider: PerRequest })],
    }).compile();
    await expect(start).rejects.toThrow(/registration 'default' has one that is request-scoped/);
  });
  it('with a provider that injects the request is refused', async () => {
    @Injectable()
    class NeedsRequest extends StaticProvider {
      constructor(@Inject(REQUEST) readonly request: unknown) {
        super();
      }
    }
    const start = Test.createTestingModule({
      imports: [NatsAuthModule.forRoot({ userInfoProvider: NeedsRequest, name: 'x' })],
    }).compile();
    await expect(start).rejects.toThrow(/registration 'x' has one that is request-scoped/);
  });
});

describe('several registrations', () => {
  it('in one hybrid application have servers, clients and credentials of their own', async () => {
    const providers = {
      a: new ScriptedUserInfoProvider({ user: 'svc', pass: 'secret' }),
      b: new ScriptedUserInfoProvider({ user: 'svc', pass: 'secret' }),
    };
    @Injectable()
    class Sender {
      constructor(@InjectNatsAuthClient('b') readonly nats: NatsAuthClient) {}
    }
    const registration = (name: 'a' | 'b') =>
      NatsAuthModule.forRoot({
        name,
        connection: { servers: server.url, name },
        userInfoProvider: providers[name],
      });
    @Module({
      imports: [registration('a'), registration('b')],
      controllers: [EchoController],
      providers: [Sender],
    })
    class AppModule {}
    const app = await NestFactory.create(AppModule, { logger: false });
    onTestFinished(() => app.close());
    app.connectMicroservice(natsAuthTransport('a'));
    app.connectMicroservice(natsAuthTransport('b'));
    await app.startAllMicroservices();
    await app.listen(await freePort(), '127.0.0.1');
    expect(await firstValueFrom(app.get(Sender).nats.send('echo', 1))).toBe('echo');
    expect(providers.a.calls.map(({ connection, role }) => `${connection}/${role}`)).toEqual(['a/server']);
    expect(providers.b.calls.map(({ connection, role }) => `${connection}/${role}`)).toEqual([
      'b/server',
      // Both roles of the registration are in use from here on.
      'b/shared',
    ]);
  });
});

describe('the life of an application', () => {
  it('runs onModuleInit of the provider before its first call', async () => {
    const order: string[] = [];
    @Injectable()
    class Slow extends StaticProvider implements OnModuleInit {
      onModuleInit() {
        order.push('init');
      }
      override getUserInfo() {
        order.push('call');
        return super.getUserInfo();
      }
    }
    const module = appModule({ connection: { servers: server.url }, userInfoProvider: Slow });
    const app = await NestFactory.createMicroservice(module, { ...natsAuthTransport(), logger: false });
    onTestFinished(() => app.close());
    await app.listen();
    expect(order).toEqual(['init', 'call']);
  });

  it('can be closed while it is still connecting', async () => {
    const provider = new ScriptedUserInfoProvider({ user: 'svc', pass: 'secret' }).thenHangs();
    const accepted = await socketsAccepted(server);
    const module = appModule({
      connection: { servers: server.url, name: 'early' },
      userInfoProvider: provider,
    });
    const app = await NestFactory.createMicroservice(module, { ...natsAuthTransport(), logger: false });
    const listening = app.listen().catch((error: unknown) => error);
    await eventually(() => provider.calls.length === 1, { what: 'the provider to be called' });
    await app.close();
    expect(await listening).toMatchObject({ code: 'CLOSED' });
    expect(await socketsAccepted(server)).toBe(accepted);
  });

  describe('with gracefulShutdown', () => {
    /** A service that has begun to answer a request, which `finish` lets it do. */
    async function busy(gracePeriod?: number) {
      const handler = { started: false, finish: () => {} };
      @Controller()
      class SlowController {
        @MessagePattern('slow')
        slow() {
          handler.started = true;
          return new Promise((resolve) => (handler.finish = () => resolve('finished')));
        }
      }
      const connection = { servers: server.url, gracefulShutdown: true, gracePeriod };
      const options = { connection, userInfoProvider: StaticProvider };
      const app = await NestFactory.createMicroservice(
        appModule(options, { controllers: [SlowController] }),
        { ...natsAuthTransport(), logger: false },
      );
      await app.listen();
      const client = await NestFactory.createApplicationContext(appModule(options), { logger: false });
      onTestFinished(() => client.close());
      const answer = firstValueFrom(client.get(NatsAuthClient).send('slow', 1).pipe(timeout(5_000)));
      await eventually(() => handler.started, { what: 'the handler to start' });
      return { app, answer, handler };
    }

    it('lets handlers that are running answer before it ends', async () => {
      const { app, answer, handler } = await busy();
      const closed = app.close();
      handler.finish();
      expect(await answer).toBe('finished');
      await closed;
    });

    it('tells once what it cut off, however often it is closed', async () => {
      const { app, answer } = await busy(50);
      answer.catch(() => undefined);
      let cutOff = 0;
      app.get(NatsAuthService).on('cutOff', () => cutOff++);
      const transport = app.get(NatsAuthServer);
      await Promise.all([transport.close(), transport.close()]);
      await transport.close();
      expect(cutOff).toBe(1);
      await app.close();
    });
  });
});

describe('health', () => {
  it('is down after the grace time, and up again, for @nestjs/terminus', async () => {
    const own = await startNatsServer();
    onTestFinished(() => own.stop());
    const options = {
      connection: { servers: own.url, reconnectTimeWait: 20 },
      userInfoProvider: StaticProvider,
    };
    const app = await Test.createTestingModule({
      imports: [TerminusModule, NatsAuthModule.forRoot(options)],
    }).compile();
    onTestFinished(() => app.close());
    await app.get(NatsAuthClient).connect();
    const indicator = app.get(NatsAuthHealthIndicator);
    const terminus = await app.resolve(HealthCheckService);
    const check = () => terminus.check([() => indicator.check('nats', { graceTime: 50 })]);
    expect(await check()).toMatchObject({
      status: 'ok',
      info: { nats: { status: 'up', client: 'connected' } },
    });
    await own.kill();
    const down = await eventually(
      () =>
        check().then(
          () => undefined,
          (error: unknown) => error,
        ),
      { what: 'the check to fail' },
    );
    expect(down).toMatchObject({
      response: { status: 'error', error: { nats: { status: 'down', client: 'disconnected' } } },
    });
    await own.restart();
    await eventually(() => check(), { what: 'the check to pass again' });
  });
});

describe('in tests of an application', () => {
  it('the provider can be replaced', async () => {
    const scripted = new ScriptedUserInfoProvider({ user: 'svc', pass: 'secret' });
    const real = { getUserInfo: () => Promise.reject(new Error('the real source of credentials')) };
    const app = await Test.createTestingModule({
      imports: [appModule({ connection: { servers: server.url }, userInfoProvider: { useValue: real } })],
    })
      .overrideProvider(getUserInfoProviderToken())
      .useValue(scripted)
      .compile();
    onTestFinished(() => app.close());
    await app.get(NatsAuthClient).connect();
    expect(scripted.calls).toHaveLength(1);
    expect((await app.get(NatsAuthService).refresh()).kind).toBe('user');
    expect(scripted.calls.map(({ reason }) => reason)).toEqual(['connect', 'manual']);
  });

  it('the whole transport can be replaced', async () => {
    const local = new LocalClient({ 'orders.get': (id: number) => ({ id }) });
    const app = await Test.createTestingModule({ imports: [appModule({ userInfoProvider: StaticProvider })] })
      .overrideProvider(getNatsAuthClientToken())
      .useValue(local)
      .compile();
    onTestFinished(() => app.close());
    expect(await firstValueFrom(app.get<LocalClient>(NatsAuthClient).send('orders.get', 7))).toEqual({
      id: 7,
    });
    expect(local.packets).toMatchObject([{ pattern: 'orders.get', data: 7 }]);
  });
});
