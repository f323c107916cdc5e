import { NatsAuthClient, type NatsAuthModuleOptions, NatsAuthService, type UserInfo } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';

import { createOperatorMode } from '../../support/operator-mode.js';
import { serverForTest } from '../../support/server-for-test.js';
import { serviceOf, startClient, startService } from '../nest/app.js';
import { startLoad, WorkController } from './work.js';

const USERS =
  'authorization { users: [ { user: first, password: secret }, { user: second, password: secret } ] }\n';
const TOO_LONG_A_WAIT = 600_000;

let user: string;
const userInfoProvider = { getUserInfo: (): UserInfo => ({ user, pass: 'secret' }) };
beforeEach(() => {
  user = 'first';
});

const start = (options: Partial<NatsAuthModuleOptions>) =>
  startService(
    { userInfoProvider, rejection: { maxOnConnect: 2, initialDelay: 1, maxDelay: 1 }, ...options },
    { controllers: [WorkController] },
  );

describe.each(['reconnect', 'none'] as const)("rotate() under rotation.mode '%s'", (mode) => {
  it('to user info that the server refuses keeps the connection', async () => {
    const server = await serverForTest({ config: USERS });
    const app = await start({ connection: { servers: server.url }, rotation: { mode } });
    const nats = app.get(NatsAuthService);
    const client = app.get(NatsAuthClient);
    await client.connect();
    const told: string[] = [];
    nats.on('disconnected', ({ role }) => told.push(role));
    user = 'nobody';
    await expect(nats.rotate()).rejects.toMatchObject({
      code: 'ROTATION_FAILED',
      message: expect.stringContaining('keeps its old credentials') as string,
      cause: { code: 'REJECTED' },
    });
    expect(told).toEqual([]);
    expect(await firstValueFrom(client.send('echo', 'still here'))).toBe('still here');
    await eventually(async () => (await server.connections()).length === 2, {
      what: 'the trial to be closed',
    });
  });

  it('dials at once: the connection was well', async () => {
    const server = await serverForTest({ config: USERS });
    const app = await start({
      connection: { servers: server.url, reconnectTimeWait: TOO_LONG_A_WAIT },
      rotation: { mode },
    });
    for (user of ['second', 'first', 'second']) await app.get(NatsAuthService).rotate();
    expect((await server.connections()).map((of) => of.authorized_user)).toEqual(['second']);
  });
});

describe("rotate() under rotation.mode 'reconnect'", () => {
  it('fails no request and no event of a client: they wait until it is there again', async () => {
    const server = await serverForTest({ config: USERS });
    await start({ connection: { servers: server.url } });
    const client = await startClient({
      connection: { servers: server.url, name: 'caller' },
      rotation: { mode: 'reconnect' },
      userInfoProvider,
    });
    const load = startLoad(client);
    await eventually(() => load.answered > 20, { what: 'load' });
    for (let rotation = 0; rotation < 10; rotation++) {
      const before = load.answered;
      await serviceOf(client).rotate();
      await eventually(() => load.answered > before, { what: 'load after a rotation' });
    }
    await load.stop();
    expect(load.errors).toEqual([]);
  });
});

describe("a service under rotation.mode 'reconnect'", () => {
  it('finishes its work before it moves, and leaves what comes meanwhile to the other instances', async () => {
    const server = await serverForTest({ config: USERS });
    const options = { connection: { servers: server.url, queue: 'workers' } };
    const moving = await start({ ...options, rotation: { mode: 'reconnect' } });
    await start(options);
    const client = await startClient({
      connection: { servers: server.url, name: 'caller' },
      userInfoProvider,
    });
    const load = startLoad(client);
    await eventually(() => load.answered > 20, { what: 'load' });
    for (let rotation = 0; rotation < 10; rotation++) {
      const before = load.answered;
      await moving.get(NatsAuthService).rotate();
      await eventually(() => load.answered > before + 20, { what: 'load after a rotation' });
    }
    await load.stop();
    expect(load.errors).toEqual([]);
  });
});

describe('rotate() where there is no room for a second connection', () => {
  it('of the account keeps the connection when the server refuses the user info', async () => {
    const operator = await createOperatorMode();
    operator.limitConnections(1);
    const server = await serverForTest({ config: await operator.config() });
    let { creds } = await operator.mintUser();
    const app = await start({
      connection: { servers: server.url },
      userInfoProvider: { getUserInfo: () => ({ creds }) },
    });
    const nats = app.get(NatsAuthService);
    let losses = 0;
    nats.on('disconnected', () => losses++);
    const goodCreds = creds;
    ({ creds } = await (await createOperatorMode()).mintUser());
    await expect(nats.rotate()).rejects.toMatchObject({ code: 'ROTATION_FAILED' });
    expect(losses).toBe(0);
    creds = goodCreds;
    await nats.rotate();
    expect(losses).toBe(1);
  });

  it('of the server says that the connection was dropped when the user info is refused then, and comes back', async () => {
    const server = await serverForTest({ config: `max_connections: 1\n${USERS}` });
    const app = await start({ connection: { servers: server.url, reconnectTimeWait: 20 } });
    const nats = app.get(NatsAuthService);
    user = 'nobody';
    await expect(nats.rotate()).rejects.toMatchObject({
      code: 'ROTATION_FAILED',
      message: expect.stringContaining('is being dialled again') as string,
      cause: { code: 'REJECTED' },
    });
    user = 'second';
    await eventually(() => nats.status.connections.server?.state === 'connected', { what: 'the service' });
  });
});
