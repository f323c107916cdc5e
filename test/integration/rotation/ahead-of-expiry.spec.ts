import { type NatsAuthEvents, type NatsAuthModuleOptions, NatsAuthService } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { describe, expect, it } from 'vitest';

import { createOperatorMode } from '../../support/operator-mode.js';
import { serverForTest } from '../../support/server-for-test.js';
import { serviceOf, startClient, startService } from '../nest/app.js';
import { startLoad, WorkController } from './work.js';

describe('ahead of expiry', () => {
  it('moves both roles to new JWTs, so that the server never ends a connection', async () => {
    const operator = await createOperatorMode();
    const server = await serverForTest({ config: await operator.config() });
    const options: NatsAuthModuleOptions = {
      connection: { servers: server.url },
      refresh: { ahead: { fraction: 0.4 } },
      userInfoProvider: {
        getUserInfo: async () => ({ creds: (await operator.mintUser({ expiresInMs: 4_000 })).creds }),
      },
    };
    const service = (await startService(options, { controllers: [WorkController] })).get(NatsAuthService);
    const client = await startClient(options);
    const rotations: NatsAuthEvents['rotated'][] = [];
    let rejections = 0;
    for (const nats of [service, serviceOf(client)]) {
      nats.on('rotated', (event) => rotations.push(event));
      nats.on('rejected', () => rejections++);
    }
    const load = startLoad(client);
    await eventually(
      () =>
        rotations.filter(({ role }) => role === 'server').length >= 3 &&
        rotations.filter(({ role }) => role === 'client').length >= 3,
      {
        what: 'three rotations of each role',
        timeoutMs: 30_000,
      },
    );
    await load.stop();
    expect({ failed: load.failed, errors: load.errors, rejections }).toEqual({
      failed: 0,
      errors: [],
      rejections: 0,
    });
    expect(rotations.every(({ outcome, trigger }) => outcome === 'success' && trigger === 'expiring')).toBe(
      true,
    );
  });

  it('keeps the connection while the provider gives the same again, says so, and moves once there is a renewal', async () => {
    const operator = await createOperatorMode();
    const server = await serverForTest({ config: await operator.config() });
    const mint = (expiresInMs: number) => operator.mintUser({ expiresInMs });
    let given = await mint(8_000);
    const nats = (
      await startService(
        {
          connection: { servers: server.url },
          refresh: { ahead: { fraction: 0.2 } },
          userInfoProvider: { getUserInfo: () => ({ creds: given.creds }) },
        },
        { controllers: [WorkController] },
      )
    ).get(NatsAuthService);
    const told: string[] = [];
    for (const event of ['rotated', 'rejected', 'disconnected'] as const)
      nats.on(event, () => told.push(event));
    const failed: NatsAuthEvents['refreshFailed'][] = [];
    nats.on('refreshFailed', (event) => failed.push(event));
    await eventually(() => failed.length >= 3, { what: 'three calls that gave no renewal' });
    expect(failed.slice(0, 3)).toMatchObject([1, 2, 3].map((attempt) => ({ attempt, cause: 'not_newer' })));
    expect(failed[0]?.error).toMatchObject({ code: 'USER_INFO_NOT_NEWER' });
    expect(told).toEqual([]);
    given = await mint(60_000);
    await eventually(() => told.length > 0, { what: 'a rotation' });
    expect(told).toEqual(['rotated']);
  });
});
