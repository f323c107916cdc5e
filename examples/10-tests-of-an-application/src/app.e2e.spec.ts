import type { INestMicroservice } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { getUserInfoProviderToken, NatsAuthClient, natsAuthTransport } from 'nestjs-nats-auth';
import {
  eventually,
  type NatsServer,
  ScriptedUserInfoProvider,
  startNatsServer,
} from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { AppModule } from './app.module.js';

const accepting = (password: string) =>
  `authorization { users: [ { user: orders, password: ${password} } ] }`;

let server: NatsServer;
let app: INestMicroservice;
let provider: ScriptedUserInfoProvider;

const get = (id: number) => firstValueFrom(app.get(NatsAuthClient).send<object>('orders.get', id));

// A real nats-server, and the whole application with another provider.
beforeEach(async () => {
  server = await startNatsServer({ config: accepting('first') });
  process.env['NATS_URL'] = server.url;
  provider = new ScriptedUserInfoProvider({ user: 'orders', pass: 'first' });
  const testing = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(getUserInfoProviderToken())
    .useValue(provider)
    .compile();
  app = testing.createNestMicroservice({ ...natsAuthTransport(), logger: false });
});

afterEach(async () => {
  await app.close();
  await server.stop();
});

it('answers a request', async () => {
  await app.listen();

  expect(await get(7)).toEqual({ id: 7, status: 'shipped' });
});

it('starts although the provider fails at first', async () => {
  provider.thenFails(new Error('the vault is sealed'), 2);

  await app.listen();

  expect(await get(7)).toMatchObject({ id: 7 });
});

it('goes on after the password was changed', async () => {
  await app.listen();
  provider.setDefault({ user: 'orders', pass: 'second' });

  await server.reload(accepting('second'));

  expect(await eventually(() => get(8))).toMatchObject({ id: 8 });
  expect(provider.calls.map(({ reason }) => reason)).toContain('rejected');
});
