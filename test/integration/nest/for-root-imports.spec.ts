import { Inject, Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { NatsAuthClient, NatsAuthModule, type UserInfoProvider } from 'nestjs-nats-auth';
import { expect, it, onTestFinished } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';

@Injectable()
class Vault {
  readonly password = 'secret';
}

@Module({ providers: [Vault], exports: [Vault] })
class VaultModule {}

@Injectable()
class VaultUserInfoProvider implements UserInfoProvider {
  constructor(@Inject(Vault) private readonly vault: Vault) {}

  getUserInfo() {
    return { user: 'svc', pass: this.vault.password };
  }
}

it('forRoot() imports the modules whose exports the provider injects', async () => {
  const server = await serverForTest({
    config: 'authorization { users: [ { user: svc, password: secret } ] }\n',
  });
  const registration = NatsAuthModule.forRoot({
    imports: [VaultModule],
    connection: { servers: server.url, name: 'vault' },
    userInfoProvider: VaultUserInfoProvider,
  });
  const app = await Test.createTestingModule({ imports: [registration] }).compile();
  onTestFinished(() => app.close());
  await app.get(NatsAuthClient).connect();
  expect(await server.connections()).toMatchObject([{ name: 'vault', authorized_user: 'svc' }]);
});
