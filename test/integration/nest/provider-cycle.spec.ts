import {
  type CanActivate,
  Controller,
  forwardRef,
  Inject,
  Injectable,
  Module,
  type ModuleMetadata,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import {
  getNatsAuthClientToken,
  InjectNatsAuthClient,
  NatsAuthClient,
  NatsAuthHealthIndicator,
  NatsAuthModule,
  NatsAuthServer,
  NatsAuthService,
  type UserInfoProvider,
  type UserInfoProviderDefinition,
} from 'nestjs-nats-auth';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { startAndClose, startService } from './app.js';

const USER_INFO = { user: 'svc', pass: 'secret' };
const CONFIG = 'authorization { users: [ { user: svc, password: secret } ] }\n';

/** A provider that injects `token`. */
function needing(token: unknown) {
  @Injectable()
  class Needing implements UserInfoProvider {
    constructor(@Inject(token as string) readonly needed: unknown) {}
    getUserInfo = () => USER_INFO;
  }
  return Needing;
}

/** A service that asks another one by NATS for what the provider returns. */
@Injectable()
class Vault {
  @Inject(NatsAuthClient) readonly nats!: NatsAuthClient;
}

@Module({ providers: [Vault], exports: [Vault] })
class VaultModule {}

function starting(userInfoProvider: UserInfoProviderDefinition, imports: ModuleMetadata['imports'] = []) {
  const registration = NatsAuthModule.forRoot({ isGlobal: true, imports, userInfoProvider });
  return startAndClose({ module: class AppModule {}, imports: [registration] });
}

describe('a provider that needs its own registration is refused, and the message tells by what it does', () => {
  const ways: Record<string, [UserInfoProviderDefinition, way: string, ModuleMetadata['imports']?]> = {
    'the client by class': [needing(NatsAuthClient), 'UserInfoProvider(default) → NatsAuthClient'],
    'the client by token': [needing(getNatsAuthClientToken()), 'UserInfoProvider(default) → NatsAuthClient('],
    'forwardRef()': [needing(forwardRef(() => NatsAuthClient)), 'UserInfoProvider(default) → NatsAuthClient'],
    'the server': [needing(NatsAuthServer), 'UserInfoProvider(default) → NatsAuthServer'],
    'the service': [needing(NatsAuthService), 'UserInfoProvider(default) → NatsAuthService'],
    'the health indicator': [
      needing(NatsAuthHealthIndicator),
      'UserInfoProvider(default) → NatsAuthHealthIndicator',
    ],
    'a property of a class of another module': [
      needing(Vault),
      'UserInfoProvider(default) → Vault → NatsAuthClient',
      [VaultModule],
    ],
    'a factory': [
      {
        inject: [{ token: NatsAuthClient, optional: true }],
        useFactory: () => ({ getUserInfo: () => USER_INFO }),
      },
      'UserInfoProvider(default) → NatsAuthClient',
    ],
  };

  it.each(Object.entries(ways))('%s', async (_, [provider, way, imports]) => {
    await expect(starting(provider, imports)).rejects.toMatchObject({
      code: 'OPTIONS_INVALID',
      option: 'userInfoProvider',
      message: expect.stringContaining(
        `registration 'default' has one that needs the registration itself (${way}`,
      ) as string,
    });
  });

  it('two registrations whose providers need the client of the other', async () => {
    const registration = (name: string, other: string) =>
      NatsAuthModule.forRoot({
        name,
        isGlobal: true,
        userInfoProvider: needing(getNatsAuthClientToken(other)),
      });
    const both = [registration('a', 'b'), registration('b', 'a')];
    await expect(startAndClose({ module: class AppModule {}, imports: both })).rejects.toThrow(
      /registration '.' has one that needs the registration itself \(UserInfoProvider\(a\) → NatsAuthClient\(b\) → .*|UserInfoProvider\(b\) → /,
    );
  });
});

it('a provider may ask by the client of another registration', async () => {
  const server = await serverForTest({ config: CONFIG });
  @Controller()
  class VaultController {
    @MessagePattern('vault.read')
    read() {
      return USER_INFO;
    }
  }
  await startService(
    { connection: { servers: server.url }, userInfoProvider: { getUserInfo: () => USER_INFO } },
    { controllers: [VaultController] },
  );
  @Injectable()
  class AskingProvider implements UserInfoProvider {
    constructor(@InjectNatsAuthClient('vault') private readonly vault: NatsAuthClient) {}
    getUserInfo = () => firstValueFrom(this.vault.send<typeof USER_INFO>('vault.read', {}));
  }
  const vault = NatsAuthModule.forRoot({
    name: 'vault',
    isGlobal: true,
    connection: { servers: server.url },
    userInfoProvider: { getUserInfo: () => USER_INFO },
  });
  const registration = NatsAuthModule.forRoot({
    connection: { servers: server.url, name: 'asking' },
    userInfoProvider: AskingProvider,
  });
  const app = await NestFactory.createApplicationContext(
    { module: class AppModule {}, imports: [vault, registration] },
    { logger: false },
  );
  onTestFinished(() => app.close());
  await app.get<NatsAuthClient>(getNatsAuthClientToken()).connect();
  const connected = (await server.connections()) as { name?: string }[];
  expect(connected.some(({ name }) => name === 'asking')).toBe(true);
});

it('what a handler needs may inject the client', async () => {
  const server = await serverForTest({ config: CONFIG });
  @Injectable()
  class AskingGuard implements CanActivate {
    constructor(@Inject(NatsAuthClient) private readonly nats: NatsAuthClient) {}
    canActivate = () => firstValueFrom(this.nats.send<boolean>('may', {}));
  }
  @Controller()
  class GuardedController {
    @MessagePattern('may')
    may() {
      return true;
    }

    @UseGuards(AskingGuard)
    @MessagePattern('do')
    do() {
      return 'done';
    }
  }
  const service = await startService(
    { connection: { servers: server.url }, userInfoProvider: { getUserInfo: () => USER_INFO } },
    { controllers: [GuardedController] },
  );
  await expect(firstValueFrom(service.get(NatsAuthClient).send('do', {}))).resolves.toBe('done');
});
