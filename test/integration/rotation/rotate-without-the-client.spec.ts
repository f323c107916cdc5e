import type { INestMicroservice } from '@nestjs/common';
import { NatsAuthClient, NatsAuthService } from 'nestjs-nats-auth';
import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { beforeEach, describe, expect, it } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { startService } from '../nest/app.js';

const users = (...names: string[]) =>
  `authorization { users: [ ${names.map((name) => `{ user: ${name}, password: secret }`).join(', ')} ] }\n`;

describe('rotate() moves the server', () => {
  let server: NatsServer;
  let app: INestMicroservice;
  let client: NatsAuthClient;
  let user: string;

  beforeEach(async () => {
    user = 'first';
    server = await serverForTest({ config: users('first', 'second') });
    const connection = { servers: server.url };
    app = await startService(
      { connection, userInfoProvider: { getUserInfo: () => ({ user, pass: 'secret' }) } },
      {},
    );
    client = app.get(NatsAuthClient);
  });

  it('when the client has been closed', async () => {
    await client.connect();
    await client.close();
    await rotateTo('second');
  });

  it('when the first connect of the client has failed', async () => {
    user = 'unknown';
    await expect(client.connect()).rejects.toMatchObject({ code: 'REJECTED' });
    await rotateTo('second');
  });

  async function rotateTo(name: string): Promise<void> {
    user = name;
    await app.get(NatsAuthService).rotate();
    const usersThere = async () => (await server.connections()).map((of) => of.authorized_user);
    await eventually(async () => (await usersThere()).join() === name, { what: `only the ${name} user` });
  }
});
