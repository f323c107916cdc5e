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
});
