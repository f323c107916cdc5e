import {
  NatsAuthClient,
  NatsAuthModule,
  NatsAuthServer,
  NatsAuthService,
  type RotationOptions,
  type RotationResult,
} from 'nestjs-nats-auth';
import { NestFactory } from '@nestjs/core';
import { eventually } from 'nestjs-nats-auth/testing';
import { describe, expect, expectTypeOf, it, onTestFinished } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { startService } from '../nest/app.js';

const userInfoProvider = { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) };

async function start(rotation: RotationOptions) {
  const server = await serverForTest();
  const app = await startService({ connection: { servers: server.url }, rotation, userInfoProvider }, {});
  const client = app.get(NatsAuthClient);
  await client.connect();
  return { server, app, client, nats: app.get(NatsAuthService) };
}

describe('rotate() tells what it did', () => {
  it.each([
    ['handover', 'rotated'],
    ['reconnect', 'reconnected'],
    ['none', 'reconnected'],
  ] as const)("for each role, under rotation.mode '%s'", async (mode, outcome) => {
    const { nats } = await start({ mode });
    expect(await nats.rotate()).toEqual({ server: outcome, client: outcome });
  });

  it('to each of those who call it at the same time', async () => {
    const { nats } = await start({});
    const results = await Promise.all([nats.rotate(), nats.rotate()]);
    expect(results).toEqual(Array(2).fill({ server: 'rotated', client: 'rotated' }));
  });

  it('where there is no connection to move', async () => {
    const { nats, server } = await start({});
    await server.kill();
    const down = () => Object.values(nats.status.connections).every(({ state }) => state === 'disconnected');
    await eventually(down, { what: 'both roles to be down' });
    expect(await nats.rotate()).toEqual({ server: 'disconnected', client: 'disconnected' });
  });

  it('where a role is closed, or was never used', async () => {
    const { nats, client } = await start({});
    await client.close();
    expect(await nats.rotate()).toEqual({ server: 'rotated', client: 'closed' });
    const module = NatsAuthModule.forRoot({ userInfoProvider });
    const unused = await NestFactory.createApplicationContext(module, { logger: false });
    onTestFinished(() => unused.close());
    expect(unused.get(NatsAuthServer)).toBeDefined();
    expect(await unused.get(NatsAuthService).rotate()).toEqual({});
  });

  it('in types that are told apart', () => {
    const outcomeOf = (result: RotationResult) => result.server;
    expectTypeOf(outcomeOf).returns.toEqualTypeOf<
      'rotated' | 'reconnected' | 'current' | 'disconnected' | 'closed' | undefined
    >();
  });
});
