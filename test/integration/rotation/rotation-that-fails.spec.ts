import { type NatsAuthModuleOptions, NatsAuthService } from 'nestjs-nats-auth';
import {
  eventually,
  type NatsServer,
  ScriptedUserInfoProvider,
  startNatsCluster,
  startNatsServer,
} from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { startClient, startService } from '../nest/app.js';
import { optionsFor, WorkController } from './work.js';

describe('rotate() that something comes in the way of', () => {
  let server: NatsServer;
  let options: NatsAuthModuleOptions;
  beforeEach(async () => {
    server = await startNatsServer({
      config: 'authorization { users: [ { user: svc, password: secret } ] }\n',
    });
    options = optionsFor(server);
  });
  afterEach(() => server.stop());

  it('keeps the old connection when the new one is refused, and says why', async () => {
    let pass = 'secret';
    const app = await startService(
      {
        ...options,
        userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass }) },
        rejection: { maxOnConnect: 2, initialDelay: 1 },
      },
      { controllers: [WorkController] },
    );
    const client = await startClient(options);
    pass = 'wrong';
    await expect(app.get(NatsAuthService).rotate()).rejects.toMatchObject({
      code: 'ROTATION_FAILED',
      cause: { code: 'REJECTED' },
    });
    expect(await firstValueFrom(client.send('echo', 'still here'))).toBe('still here');
    expect(app.get(NatsAuthService).status.connections.server?.state).toBe('connected');
  });

  it('keeps the old connection when the new user info may not subscribe', async () => {
    await server.reload(
      'authorization { users: [ { user: svc, password: secret }, { user: mute, password: secret, permissions: { subscribe: { deny: echo } } } ] }\n',
    );
    let user = 'svc';
    const app = await startService(
      { ...options, userInfoProvider: { getUserInfo: () => ({ user, pass: 'secret' }) } },
      { controllers: [WorkController] },
    );
    const client = await startClient(options);
    user = 'mute';
    const told: string[] = [];
    for (const event of ['connected', 'disconnected', 'closed'] as const)
      app.get(NatsAuthService).on(event, () => told.push(event));
    await expect(app.get(NatsAuthService).rotate()).rejects.toThrow(/may not subscribe to 'echo'/);
    // The connection in use is as it was: nothing happened to it.
    expect(told).toEqual([]);
    expect(await firstValueFrom(client.send('echo', 'still here'))).toBe('still here');
    await eventually(async () => (await server.connections()).length === 2, {
      what: 'the new connection to close',
    });
  });

  it('keeps the old connection when the provider hangs', async () => {
    const provider = new ScriptedUserInfoProvider({ user: 'svc', pass: 'secret' });
    const app = await startService(
      {
        ...options,
        refresh: { timeout: 50, retry: { maxAttempts: 2, initialDelay: 1 } },
        userInfoProvider: provider,
      },
      { controllers: [WorkController] },
    );
    const client = await startClient(options);
    provider.thenHangs(2);
    await expect(app.get(NatsAuthService).rotate()).rejects.toMatchObject({
      code: 'USER_INFO_UNAVAILABLE',
      cause: { code: 'USER_INFO_TIMEOUT' },
    });
    expect(await firstValueFrom(client.send('echo', 'still here'))).toBe('still here');
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
    const app = await startService(
      {
        ...options,
        userInfoProvider: {
          getUserInfo: () => (hang ? new Promise<never>(() => {}) : { user: 'svc', pass: 'secret' }),
        },
      },
      { controllers: [WorkController] },
    );
    hang = true;
    const rotation = app
      .get(NatsAuthService)
      .rotate()
      .catch((error: unknown) => error);
    await app.close();
    expect(await rotation).toMatchObject({ code: 'CLOSED' });
    await eventually(async () => (await server.connections()).length === 0, {
      what: 'no connection to be left',
    });
  });
});
