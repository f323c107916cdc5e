import { connect } from '@nats-io/transport-node';
import type * as nats2 from 'nats';
import { NestFactory } from '@nestjs/core';
import { Module } from '@nestjs/common';
import {
  type FollowedConnection,
  getNatsAuthServiceToken,
  NatsAuthModule,
  type NatsAuthModuleOptions,
  NatsAuthService,
  type NatsConnectOptions,
} from 'nestjs-nats-auth';
import { eventually, ScriptedUserInfoProvider } from 'nestjs-nats-auth/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';

const CONFIG = `authorization { users: [ { user: one, password: one }, { user: two, password: two } ] }\n`;
const ONE = { user: 'one', pass: 'one' };
const TWO = { user: 'two', pass: 'two' };

/** Compiles: the older driver takes the same. */
export const ofNats2 = {
  options: (options: NatsConnectOptions): nats2.ConnectionOptions => options,
  connection: (connection: nats2.NatsConnection): FollowedConnection => connection,
};

/** An application that opens no connection itself. */
async function startContext(...registrations: NatsAuthModuleOptions[]) {
  @Module({ imports: registrations.map((options) => NatsAuthModule.forRoot({ ...options, metrics: false })) })
  class AppModule {}
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  onTestFinished(() => app.close());
  return app;
}

describe('connectionOptions()', () => {
  it('connects a library as the provider says, which rotate() moves when it is followed', async () => {
    const server = await serverForTest({ config: CONFIG });
    const provider = new ScriptedUserInfoProvider(ONE);
    const app = await startContext({ connection: { servers: server.url }, userInfoProvider: provider });
    const natsAuth = app.get(NatsAuthService);
    const options = await natsAuth.connectionOptions();
    const nc = await connect({ ...options, name: 'library', reconnectTimeWait: 50 });
    onTestFinished(() => nc.close());
    const stopFollowing = natsAuth.follow(nc, options);
    const user = async () =>
      (await server.connections()).find(({ name }) => name === 'library')?.authorized_user;
    expect(await user()).toBe('one');

    provider.setDefault(TWO);
    expect(await natsAuth.rotate()).toEqual({});
    await eventually(async () => (await user()) === 'two', { what: 'the other user' });

    stopFollowing();
    provider.setDefault(ONE);
    await natsAuth.rotate();
    await nc.flush();
    expect(await user()).toBe('two');
    expect(provider.calls.map(({ role, reason }) => `${role} ${reason}`)).toEqual([
      'connection connect',
      'shared manual',
      'shared manual',
    ]);
  });

  it('is of the registration whose service is asked, and ends with the application', async () => {
    const [orders, stock] = [
      await serverForTest({ config: CONFIG }),
      await serverForTest({ config: CONFIG }),
    ];
    const registration = (name: string, servers: string) => ({
      name,
      connection: { servers, name },
      userInfoProvider: new ScriptedUserInfoProvider(ONE),
    });
    const app = await startContext(registration('orders', orders.url), registration('stock', stock.url));
    const of = (name: string) => app.get<NatsAuthService>(getNatsAuthServiceToken(name), { strict: false });
    const options = await of('stock').connectionOptions();
    expect(options).toMatchObject({ name: 'stock', servers: [`127.0.0.1:${stock.port}`] });
    const nc = await connect(options);
    onTestFinished(() => nc.close());
    expect(nc.getServer()).toBe(`127.0.0.1:${stock.port}`);
    await app.close();
    await expect(of('stock').connectionOptions()).rejects.toMatchObject({ code: 'CLOSED' });
    // What it had stays good for a library that closes later.
    expect(options.authenticator()).toEqual(expect.objectContaining(ONE));
  });

  it('says what is wrong with what it was given', async () => {
    const app = await startContext({ userInfoProvider: new ScriptedUserInfoProvider(ONE) });
    const natsAuth = app.get(NatsAuthService);
    const invalid = (option: string) => expect.objectContaining({ code: 'OPTIONS_INVALID', option }) as Error;
    await expect(natsAuth.connectionOptions({ name: 'x' } as object)).rejects.toThrow(
      invalid('connectionOptions.name'),
    );
    await expect(natsAuth.connectionOptions({ signal: 5 as never })).rejects.toThrow(
      invalid('connectionOptions.signal'),
    );
    const options = await natsAuth.connectionOptions();
    const foreign = { ...options, authenticator: () => ({ auth_token: 'mine' }) };
    expect(() => natsAuth.follow({} as never, foreign)).toThrow(invalid('options'));
    expect(() => natsAuth.follow({} as never, options, { reconnect: 'yes' as never })).toThrow(
      invalid('follow.reconnect'),
    );
  });

  it('demands TLS where an address does, which nats.js would forget', async () => {
    const app = await startContext({
      connection: { servers: 'tls://nats.example.com' },
      userInfoProvider: new ScriptedUserInfoProvider(ONE),
    });
    const options = await app.get(NatsAuthService).connectionOptions();
    expect(options).toMatchObject({ servers: ['nats.example.com:4222'], tls: {} });
  });
});
