import { NatsAuthService, type UserInfo } from 'nestjs-nats-auth';
import { eventually, startNatsCluster } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';

import { startClient, startService } from '../nest/app.js';
import { startWorkplace, WorkController } from './work.js';

const GOOD: UserInfo = { user: 'svc', pass: 'secret' };

/** Lets in the user of the tests, and one that may not listen to a handler's subject. */
const USERS =
  'authorization { users: [ { user: svc, password: secret }, { user: mute, password: secret, permissions: { subscribe: { deny: echo } } } ] }\n';

describe('rotate() that something comes in the way of', () => {
  it.each<[string, () => UserInfo | Promise<UserInfo>, object]>([
    [
      'is rejected',
      () => ({ user: 'svc', pass: 'wrong' }),
      { code: 'ROTATION_FAILED', cause: { code: 'REJECTED' } },
    ],
    [
      'may not subscribe',
      () => ({ user: 'mute', pass: 'secret' }),
      { message: expect.stringMatching(/may not subscribe to 'echo'/) as string },
    ],
    [
      'does not come: the provider hangs',
      () => new Promise<never>(() => {}),
      { code: 'USER_INFO_UNAVAILABLE', cause: { code: 'USER_INFO_TIMEOUT' } },
    ],
    [
      'does not come: the provider fails',
      () => Promise.reject(new Error('IAM is down')),
      { code: 'USER_INFO_UNAVAILABLE', cause: { message: 'IAM is down' } },
    ],
  ])('keeps the old connection when the new user info %s, and says why', async (_, newer, why) => {
    const { server, startService, startClient, untilConnections } = await startWorkplace(USERS);
    let getUserInfo: () => UserInfo | Promise<UserInfo> = () => GOOD;
    const { service } = await startService({
      userInfoProvider: { getUserInfo: () => getUserInfo() },
      refresh: { timeout: 500, retry: { maxAttempts: 2, initialDelay: 1 } },
      rejection: { maxOnConnect: 2, initialDelay: 1 },
    });
    const client = await startClient();
    await client.connect();
    const cids = async () => (await server.connections()).map(({ cid }) => cid).sort();
    const before = await cids();
    const told: string[] = [];
    for (const event of ['connected', 'replaced', 'disconnected', 'closed'] as const)
      service.on(event, () => told.push(event));
    getUserInfo = newer;
    await expect(service.rotate()).rejects.toMatchObject(why);
    expect(told).toEqual([]);
    expect(service.status.connections.server?.state).toBe('connected');
    expect(await firstValueFrom(client.send('echo', 'still here'))).toBe('still here');
    await untilConnections(2);
    expect(await cids()).toEqual(before);
  });

  it('comes through when the old server dies in the middle', async () => {
    const cluster = await startNatsCluster(2);
    onTestFinished(() => cluster.stop());
    const release: { now?: (userInfo: { user: string }) => void } = {};
    let hang = false;
    const getUserInfo = () =>
      hang ? new Promise<{ user: string }>((resolve) => (release.now = resolve)) : { user: 'svc' };
    const connection = { servers: cluster.urls, noRandomize: true, reconnectTimeWait: 20 };
    const app = await startService(
      { connection, userInfoProvider: { getUserInfo } },
      { controllers: [WorkController] },
    );
    const service = app.get(NatsAuthService);
    const [dying, staying] = cluster.servers;
    if (!dying || !staying) throw new Error('the cluster has two servers');
    hang = true;
    const rotation = service.rotate();
    await eventually(() => release.now, { what: 'the provider to be asked' });
    await dying.kill();
    await eventually(() => service.status.connections.server?.state !== 'connected', {
      what: 'the service to notice',
    });
    hang = false;
    release.now?.({ user: 'svc' });
    await rotation;
    const client = await startClient({
      connection: { servers: staying.url },
      userInfoProvider: { getUserInfo },
    });
    const answer = () => firstValueFrom(client.send('echo', 'after'));
    expect(await eventually(answer, { what: 'an answer' })).toBe('after');
    await eventually(async () => (await staying.connections()).length === 2, {
      what: 'one connection of each role',
    });
  });

  it('leaves nothing open when the application closes in the middle', async () => {
    let hang = false;
    const { startService, untilConnections } = await startWorkplace();
    const { app, service } = await startService({
      userInfoProvider: { getUserInfo: () => (hang ? new Promise<never>(() => {}) : GOOD) },
    });
    hang = true;
    const rotation = service.rotate().catch((error: unknown) => error);
    await app.close();
    expect(await rotation).toMatchObject({ code: 'CLOSED' });
    await untilConnections(0);
  });
});
