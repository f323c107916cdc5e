import {
  Controller,
  type DynamicModule,
  type INestApplication,
  Inject,
  Injectable,
  Module,
  type OnModuleDestroy,
  Scope,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import {
  getNatsAuthServerToken,
  getNatsAuthServiceToken,
  InjectNatsAuthClient,
  InjectNatsAuthConnection,
  NatsAuthClient,
  type NatsConnection,
  NatsAuthModule,
  type NatsAuthServer,
  NatsAuthService,
  natsAuthTransport,
} from 'nestjs-nats-auth';
import {
  type Admission,
  type Authorizer,
  type AuthorizerDefinition,
  type CalloutRequest,
  getNatsAuthCalloutToken,
  InjectNatsAuthCallout,
  NatsAuthCalloutHealthIndicator,
  NatsAuthCalloutModule,
  type NatsAuthCalloutModuleOptions,
  NatsAuthCalloutService,
} from 'nestjs-nats-auth/callout';
import { eventually, freePort } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';

import { serverForTest } from '../support/server-for-test.js';
import { Agreed, comesIn } from './harness/callout-app.js';

const agreed = new Agreed();
const ALICE = { user: 'visitor', pass: 'wonderland' };
const admitAll: Authorizer = { authorize: ({ credentials: { user = '' } }) => ({ name: user }) };

type Options = Partial<NatsAuthCalloutModuleOptions> & { readonly url: string };

function callout({ url, ...options }: Options): DynamicModule {
  return NatsAuthCalloutModule.forRoot({
    connection: { servers: url, reconnectTimeWait: 50 },
    metrics: false,
    callout: { issuer: agreed.seed, accounts: ['APP'] },
    userInfoProvider: { getUserInfo: () => ({ user: 'callout', pass: 'secret' }) },
    authorizer: admitAll,
    ...options,
  });
}

async function start(module: Type | DynamicModule) {
  const app = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  onTestFinished(() => app.close());
  return app;
}

/** With a user that passes by the callout, and so can be there before it. */
const STATIC = { user: 'static', pass: 'secret' };

const config = (changes: Parameters<Agreed['config']>[0] = {}) =>
  agreed
    .config(changes)
    .replace('APP {}', 'APP {}\n OTHER { users: [ { user: static, password: secret } ] }')
    .replace('auth_users: [ ', 'auth_users: [ static, ');

const calloutServer = (changes: Parameters<Agreed['config']>[0] = {}) =>
  serverForTest({ config: config(changes) });

describe('an authorizer', () => {
  @Injectable()
  class People {
    knows = (user?: string) => user === ALICE.user;
  }
  @Module({ providers: [People], exports: [People] })
  class PeopleModule {}

  @Injectable()
  class PeopleAuthorizer implements Authorizer {
    constructor(private readonly people: People) {}
    authorize({ credentials: { user = '' } }: CalloutRequest): Admission {
      if (!this.people.knows(user)) throw new Error('Nobody knows them.');
      return { name: user };
    }
  }

  it.each<[string, AuthorizerDefinition]>([
    ['a class', PeopleAuthorizer],
    ['useClass', { useClass: PeopleAuthorizer }],
    ['useFactory', { useFactory: (people: People) => new PeopleAuthorizer(people), inject: [People] }],
    ['useValue', { useValue: new PeopleAuthorizer(new People()) }],
    ['an object', new PeopleAuthorizer(new People())],
  ])('is given as %s, and injects what imports export', async (_, authorizer) => {
    const { url } = await calloutServer();
    await start(callout({ url, authorizer, imports: [PeopleModule] }));
    expect(await comesIn(url, ALICE)).toBe(true);
    expect(await comesIn(url, { user: 'stranger', pass: 'x' })).toBe(false);
  });

  it('is given as useExisting, and with options of dependency injection', async () => {
    const { url } = await calloutServer();
    @Module({ providers: [People, PeopleAuthorizer], exports: [PeopleAuthorizer] })
    class AuthorizersModule {}
    await start(
      NatsAuthCalloutModule.forRootAsync({
        imports: [AuthorizersModule],
        useClass: class {
          createNatsAuthCalloutOptions() {
            return { connection: { servers: url }, callout: { issuer: agreed.seed, accounts: ['APP'] } };
          }
        },
        userInfoProvider: { getUserInfo: () => ({ user: 'callout', pass: 'secret' }) },
        authorizer: { useExisting: PeopleAuthorizer },
      }),
    );
    expect(await comesIn(url, ALICE)).toBe(true);
  });

  it('may inject the service of its own callout', async () => {
    const { url } = await calloutServer();
    @Injectable()
    class Strict implements Authorizer {
      constructor(@InjectNatsAuthCallout() readonly service: NatsAuthCalloutService) {}
      authorize({ credentials: { user = '' } }: CalloutRequest): Admission {
        return { name: `${user} of ${this.service.status.name}` };
      }
    }
    await start(callout({ url, authorizer: Strict }));
    expect(await comesIn(url, ALICE)).toBe(true);
  });

  it.each<[string, unknown, string]>([
    ['is missing', undefined, "Option 'authorizer': callout 'callout' has none"],
    [
      'is no authorizer',
      { useFactory: () => ({}) },
      "Option 'authorizer': callout 'callout' needs a class or an object",
    ],
    ['is request-scoped', scoped(Scope.REQUEST), 'request-scoped or transient'],
    ['is transient', scoped(Scope.TRANSIENT), 'request-scoped or transient'],
  ])('that %s fails the start, and nothing stays open', async (_, authorizer, message) => {
    const server = await calloutServer();
    const starting = async () =>
      start(callout({ url: server.url, authorizer: authorizer as AuthorizerDefinition }));
    await expect(starting()).rejects.toThrow(message);
    expect(await server.connections()).toEqual([]);
  });
});

function scoped(scope: Scope): Type<Authorizer> {
  @Injectable({ scope })
  class Scoped implements Authorizer {
    authorize = () => ({ name: 'nobody' });
  }
  return Scoped;
}

describe('a start that fails', () => {
  /** Beside it, a connection of another registration is injected. */
  function withConnection(url: string, module: () => DynamicModule): () => Type {
    return () => {
      @Injectable()
      class User {
        constructor(@InjectNatsAuthConnection() readonly nc: NatsConnection) {}
      }
      const nats = NatsAuthModule.forRoot({
        connection: { servers: url },
        isGlobal: true,
        metrics: false,
        userInfoProvider: { getUserInfo: () => STATIC },
      });
      @Module({ imports: [nats, module()], providers: [User] })
      class AppModule {}
      return AppModule;
    };
  }

  it.each<[string, (url: string) => Options, string]>([
    [
      'its issuer is a public key',
      (url) => ({ url, callout: { issuer: agreed.issuer, accounts: ['APP'] } }),
      'callout.issuer',
    ],
    [
      'an option is unknown',
      (url) => ({ url, callout: { issuer: agreed.seed, accounts: ['APP'], colour: 1 } as never }),
      'colour',
    ],
    ['there are no options', (url) => ({ url, callout: undefined }), 'callout'],
    [
      'its own credentials are wrong',
      (url) => ({
        url,
        rejection: { maxOnConnect: 1 },
        userInfoProvider: { getUserInfo: () => ({ user: 'callout', pass: 'x' }) },
      }),
      'Authorization Violation',
    ],
    [
      'the server refuses its subscription and that is to fail',
      (url) => ({ url, handlers: { failStart: true } }),
      '$SYS.REQ.USER.AUTH',
    ],
  ])('because %s says so once and leaves nothing open', async (_, options, message) => {
    const server = await calloutServer({ callout: ', permissions: { subscribe: other }' });
    const module = withConnection(server.url, () => callout(options(server.url)));
    await expect((async () => start(module()))()).rejects.toThrow(message);
    await eventually(async () => (await server.connections()).length === 0, {
      what: 'everything to be closed',
    });
  });
});

it('a subscription that the server refuses turns the health down, and is made again when it may be', async () => {
  const server = await calloutServer({ callout: ', permissions: { subscribe: other }' });
  const app = await start(
    callout({ url: server.url, handlers: { retry: { initialDelay: 20, maxDelay: 50 } } }),
  );
  const service = app.get(NatsAuthCalloutService);
  expect(service.status.listening).toBe(false);
  expect(service.health()).toMatchObject({
    state: 'down',
    problems: [
      { condition: 'subscriptionsRefused', reason: expect.stringContaining('$SYS.REQ.USER.AUTH') as string },
    ],
  });
  await server.reload(config());
  await eventually(() => service.status.listening, { what: 'the subscription' });
  expect(app.get(NatsAuthCalloutHealthIndicator).check()).toEqual({
    callout: { status: 'up', state: 'up', listening: true },
  });
  expect(await comesIn(server.url, ALICE)).toBe(true);
});

it('an application without a server yet starts under waitOnFirstConnect, can be closed, and listens once there is one', async () => {
  const port = await freePort();
  const url = `nats://127.0.0.1:${port}`;
  const connection = { servers: url, waitOnFirstConnect: true, reconnectTimeWait: 50 };
  const first = await start(callout({ url, connection }));
  await first.close();
  const app = await start(callout({ url, connection }));
  const service = app.get(NatsAuthCalloutService);
  expect(service.status.listening).toBe(false);
  await serverForTest({ port, config: config() });
  await eventually(() => service.status.listening, { what: 'the callout to listen' });
  expect(await comesIn(url, ALICE)).toBe(true);
});

describe('beside others in one application', () => {
  @Controller()
  class Echo {
    @MessagePattern('echo')
    echo(data: string) {
      return data;
    }
  }

  const users = (url: string) =>
    NatsAuthModule.forRoot({
      connection: { servers: url },
      isGlobal: true,
      metrics: false,
      userInfoProvider: { getUserInfo: () => ALICE },
    });

  it.each(['a microservice', 'a hybrid application'])(
    'a callout of %s lets in its own handlers and client',
    async (kind) => {
      const { url } = await calloutServer();
      @Module({ imports: [callout({ url }), users(url)], controllers: [Echo] })
      class AppModule {}
      const app =
        kind === 'a microservice'
          ? await NestFactory.createMicroservice(AppModule, { ...natsAuthTransport(), logger: false })
          : await NestFactory.create(AppModule, { logger: false });
      onTestFinished(() => app.close());
      if ('listen' in app && 'connectMicroservice' in app) {
        app.connectMicroservice(natsAuthTransport());
        await app.init();
        await app.startAllMicroservices();
      } else await app.listen();
      expect(await firstValueFrom(app.get(NatsAuthClient).send('echo', 'hello'))).toBe('hello');
      expect(app.get(NatsAuthCalloutService).status.listening).toBe(true);
    },
  );

  describe('a microservice that is given the registration of the callout', () => {
    const REFUSED = {
      code: 'OPTIONS_INVALID',
      message: expect.stringMatching(
        /^Option 'name': registration 'gate' is .* an auth callout.* registration of its own.*natsAuthTransport\(name\)/,
      ) as string,
    };
    const gate = async () => callout({ url: (await calloutServer()).url, name: 'gate' });
    const quiet = { logger: false as const, abortOnError: false };

    it('is refused before anything connects', async () => {
      const transport = natsAuthTransport('gate');
      await expect(
        NestFactory.createMicroservice(await gate(), { ...transport, ...quiet }),
      ).rejects.toMatchObject(REFUSED);
    });

    it.each([
      ['natsAuthTransport(name)', () => natsAuthTransport('gate')],
      [
        'its NatsAuthServer',
        (app: INestApplication) => ({ strategy: app.get<NatsAuthServer>(getNatsAuthServerToken('gate')) }),
      ],
    ])('as %s is refused beside the callout, which goes on', async (_, transport) => {
      const app = await NestFactory.create(await gate(), quiet);
      onTestFinished(() => app.close());
      await app.init();
      await expect(
        (async () => {
          app.connectMicroservice(transport(app) as ReturnType<typeof natsAuthTransport>);
          await app.startAllMicroservices();
        })(),
      ).rejects.toMatchObject(REFUSED);
      const service = app.get<NatsAuthCalloutService>(getNatsAuthCalloutToken('gate'));
      expect(service.status).toMatchObject({ listening: true, health: { state: 'up' } });
    });

    it('is not what a name that nobody has is corrected to', async () => {
      await expect(
        NestFactory.createMicroservice(await gate(), { ...natsAuthTransport(), ...quiet }),
      ).rejects.toThrow("no registration is named 'default'; import NatsAuthModule.forRoot().");
    });
  });

  it('a client and a connection go by the name of the callout, and share its credentials', async () => {
    const server = await calloutServer();
    @Injectable()
    class Lookup {
      constructor(
        @InjectNatsAuthConnection('callout') readonly nc: NatsConnection,
        @InjectNatsAuthClient('callout') readonly client: NatsAuthClient,
      ) {}
    }
    @Module({ imports: [callout({ url: server.url })], providers: [Lookup] })
    class AppModule {}
    const app = await start(AppModule);
    const { nc, client } = app.get(Lookup);
    nc.subscribe('people', { callback: (_, message) => void message.respond('{"response":"alice"}') });
    await nc.flush();
    expect(await firstValueFrom(client.send('people', 1))).toBe('alice');
    const users = (await server.connections()).map(({ authorized_user }) => authorized_user);
    expect(users).toEqual(['callout', 'callout', 'callout']);
    const nats = app.get<NatsAuthService>(getNatsAuthServiceToken('callout'));
    expect(await nats.rotate()).toMatchObject({ server: 'rotated' });
    expect(await comesIn(server.url, ALICE)).toBe(true);
  });

  it('two callouts have names, services and credentials of their own', async () => {
    const servers = [await calloutServer(), await calloutServer()] as const;
    const admitting = (name: string) => ({ authorize: () => ({ name }) });
    @Module({
      imports: servers.map(({ url }, i) =>
        callout({ url, name: `gate-${i}`, authorizer: admitting(`by-${i}`) }),
      ),
    })
    class AppModule {}
    const app = await start(AppModule);
    for (const [i, { url }] of servers.entries()) {
      const admitted: string[] = [];
      const service = app.get<NatsAuthCalloutService>(getNatsAuthCalloutToken(`gate-${i}`));
      service.on('admitted', ({ name }) => admitted.push(name));
      expect(await comesIn(url, ALICE)).toBe(true);
      expect(admitted).toEqual([`by-${i}`]);
      const nats = app.get<NatsAuthService>(getNatsAuthServiceToken(`gate-${i}`));
      expect(await nats.rotate()).toEqual({ server: 'rotated' });
    }
  });
});

describe('a shutdown', () => {
  it('answers the clients that are under way while what the authorizer uses is still there', async () => {
    const { url } = await calloutServer();
    const order: string[] = [];
    let begun = () => {};
    const beginning = new Promise<void>((resolve) => (begun = resolve));
    @Injectable()
    class Pool implements OnModuleDestroy {
      query = async () => {
        begun();
        await new Promise((resolve) => setTimeout(resolve, 200));
        order.push('asked');
      };
      onModuleDestroy() {
        order.push('pool closed');
      }
    }
    @Module({ providers: [Pool], exports: [Pool] })
    class PoolModule {}
    @Injectable()
    class Slow implements Authorizer {
      constructor(@Inject(Pool) private readonly pool: Pool) {}
      async authorize() {
        await this.pool.query();
        return { name: 'slow' };
      }
    }
    const app = await start(callout({ url, authorizer: Slow, imports: [PoolModule] }));
    const coming = comesIn(url, ALICE);
    await beginning;
    await Promise.all([app.close(), app.close()]);
    expect(await coming).toBe(true);
    expect(order).toEqual(['asked', 'pool closed']);
  });

  it('while the server is away waits for no authorizer, as nobody can be answered', async () => {
    const server = await calloutServer();
    let asked = (_: AbortSignal) => {};
    const asking = new Promise<AbortSignal>((resolve) => (asked = resolve));
    const endless: Authorizer = {
      authorize: (_, { signal }) => {
        asked(signal);
        return new Promise(() => {});
      },
    };
    const app = await start(
      callout({
        url: server.url,
        connection: { servers: server.url, gracePeriod: 600_000 },
        callout: { issuer: agreed.seed, accounts: ['APP'], timeout: 600_000 },
        authorizer: endless,
      }),
    );
    const coming = comesIn(server.url, ALICE);
    const signal = await asking;
    // One that ends in good order waits for the answer.
    await server.kill();
    expect(await coming).toBe(false);
    const service = app.get(NatsAuthCalloutService);
    await eventually(() => !service.status.listening, { what: 'the loss' });
    await app.close();
    // And not because the authorizer took too long.
    expect(signal.reason).toMatchObject({ message: 'The callout shuts down.' });
    expect(service.health().problems[0]).toMatchObject({ condition: 'notListening', state: 'down' });
  });
});
