import { Module, type Type } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import {
  NatsAuthModule,
  type NatsAuthModuleOptions,
  natsAuthConfig,
  type NatsAuthOptions,
} from 'nestjs-nats-auth';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { appModule, startAndClose, startClient } from './app.js';

const userInfoProvider = { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) };
const unset = process.env['NATS_THAT_IS_NOT_SET'] as string;

function asyncModule(options: () => NatsAuthOptions): Type {
  @Module({ imports: [NatsAuthModule.forRootAsync({ useFactory: options, userInfoProvider })] })
  class AppModule {}
  return AppModule;
}

const OPTIONS: readonly [string, NatsAuthOptions][] = [
  ['connection.servers', { connection: { servers: unset } }],
  ['connection.servers', { connection: { servers: '' } }],
  ['connection.servers', { connection: { servers: ['nats://a', unset] } }],
  ['connection', { connection: unset as never }],
  ['connection.port', { connection: { port: unset } }],
  ['connection.tls.caFile', { connection: { tls: { caFile: unset } } }],
  ['connection.tls.keyFile', { connection: { tls: { certFile: 'cert.pem', keyFile: '' } } }],
  ['connection.pingInterval', { connection: { pingInterval: Number(unset) } }],
  ['sentinel.jwt', { sentinel: { jwt: unset } }],
  ['sentinel.creds', { sentinel: { creds: '' } }],
  ['refresh.timeout', { refresh: { timeout: Number(unset) } }],
  ['rotation.timeout', { rotation: { timeout: Number.parseInt(unset, 10) } }],
];

describe('an option whose environment variable is not set', () => {
  it.each(OPTIONS)('is refused by its name, %s, with a hint', async (option, options) => {
    const expected = {
      code: 'OPTIONS_INVALID',
      option,
      message: expect.stringContaining('environment variable not set?') as string,
    };
    await expect(startAndClose(appModule({ ...options, userInfoProvider }))).rejects.toMatchObject(expected);
    await expect(startAndClose(asyncModule(() => options))).rejects.toMatchObject(expected);
  });

  it('is refused where it comes from a ConfigService', async () => {
    @Module({
      imports: [
        NatsAuthModule.forRootAsync({
          imports: [ConfigModule.forRoot({ ignoreEnvFile: true })],
          inject: [ConfigService],
          useFactory: (config: ConfigService) => ({
            connection: { servers: config.get<string>('NATS_URL_X') },
          }),
          userInfoProvider,
        }),
      ],
    })
    class AppModule {}
    await expect(startAndClose(AppModule)).rejects.toMatchObject({ option: 'connection.servers' });
  });

  it('has its default where that is as good', async () => {
    const options: NatsAuthOptions = {
      connection: { queue: unset, name: unset, tls: undefined, timeout: undefined },
      sentinel: undefined,
      refresh: { timeout: undefined, retry: undefined },
      rotation: undefined,
      metrics: false,
    };
    await startAndClose(appModule({ ...options, userInfoProvider }));
  });

  it('is refused by natsAuthConfig for the servers, which would be those of this machine', () => {
    vi.stubEnv('NATS_SERVERS', '');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(() => natsAuthConfig()).toThrow(/'NATS_SERVERS': is empty/);
  });
});

describe('a field of user info whose environment variable is not set', () => {
  it.each<[string, object]>([
    ['pass', { user: 'svc', pass: unset }],
    ['user', { user: unset, pass: 'secret' }],
    ['token', { token: unset }],
    ['pass', { user: 'svc', pass: '' }],
    ['creds', { creds: unset }],
    ['seed', { jwt: 'a.b.c', seed: unset }],
  ])('is refused by its name, %s, before a server is dialled', async (field, userInfo) => {
    const server = await serverForTest();
    const options: NatsAuthModuleOptions = {
      connection: { servers: server.url },
      refresh: { retry: { maxAttempts: 1 } },
      metrics: false,
      userInfoProvider: { getUserInfo: () => userInfo },
    };
    const client = await startClient(options);
    await expect(client.connect()).rejects.toMatchObject({
      code: 'USER_INFO_UNAVAILABLE',
      cause: {
        code: 'USER_INFO_INVALID',
        field,
        message: expect.stringMatching(/environment variable not set\?/) as string,
      },
    });
  });

  it('is left out where it stands in a class, whose declared fields are always there, and for an expiry', async () => {
    class OwnUserInfo {
      readonly user = 'svc';
      readonly pass = 'secret';
      readonly token?: string = undefined;
    }
    const server = await serverForTest();
    for (const userInfo of [new OwnUserInfo(), { user: 'svc', pass: 'secret', expiresAt: undefined }]) {
      const client = await startClient({
        connection: { servers: server.url },
        metrics: false,
        userInfoProvider: { getUserInfo: () => userInfo },
      });
      await client.connect();
    }
  });
});
