import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import {
  NatsAuthClient,
  type NatsAuthEvents,
  type NatsAuthModuleOptions,
  NatsAuthServer,
  NatsAuthService,
} from 'nestjs-nats-auth';
import {
  eventually,
  type NatsServer,
  ScriptedUserInfoProvider,
  type ServerConnection,
  startNatsCluster,
  startNatsServer,
} from 'nestjs-nats-auth/testing';
import { firstValueFrom, interval, lastValueFrom, take, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { startFaultProxy } from '../../support/fault-proxy.js';
import { createOperatorMode } from '../../support/operator-mode.js';
import { serverForTest } from '../../support/server-for-test.js';
import { socketsAccepted } from '../../support/sockets-accepted.js';
import { serviceOf, startClient, startService } from './app.js';

const heard: number[] = [];
let finishSlow = () => {};
const slowStarted = { count: 0 };

@Controller()
class WorkController {
  @MessagePattern('echo')
  echo(@Payload() data: unknown) {
    return data;
  }

  @MessagePattern('slow')
  slow() {
    slowStarted.count++;
    return new Promise((resolve) => (finishSlow = () => resolve('done')));
  }

  @MessagePattern('stream')
  stream() {
    return interval(40).pipe(take(10));
  }

  @EventPattern('numbered')
  numbered(@Payload() n: number) {
    heard.push(n);
  }
}

describe('rotate()', () => {
  let server: NatsServer;
  let options: NatsAuthModuleOptions;

  beforeEach(async () => {
    heard.length = 0;
    slowStarted.count = 0;
    server = await startNatsServer({
      config: 'authorization { users: [ { user: svc, password: secret } ] }\n',
    });
    options = {
      connection: { servers: server.url, reconnectTimeWait: 50 },
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    };
  });
  afterEach(() => server.stop());

  it('under load loses no request, hears each event once and fails no send, in both roles', async () => {
    const service = (await startService(options, { controllers: [WorkController] })).get(NatsAuthService);
    const client = await startClient(options);
    const clientService = serviceOf(client);
    const load = startLoad(client);
    for (let rotation = 0; rotation < 10; rotation++) {
      await service.rotate();
      await clientService.rotate();
      const { answered } = load;
      await eventually(() => load.answered > answered + 50, { what: 'load between rotations' });
    }
    await load.stop();
    expect({ failed: load.failed, errors: load.errors }).toEqual({ failed: 0, errors: [] });
    await eventually(() => heard.length >= load.events, { what: 'the events' });
    expect(heard).toHaveLength(load.events);
    expect(new Set(heard).size).toBe(load.events);
    await eventually(async () => (await server.connections()).length === 2, {
      what: 'the old connections to close',
    });
  });

  /** How many messages a connection has published, also one that is closed. */
  const saidBy = async (connection: ServerConnection | undefined) => {
    const response = await fetch(`${server.monitorUrl}/connz?state=all`);
    const { connections } = (await response.json()) as { connections: { cid: number; in_msgs: number }[] };
    return connections.find(({ cid }) => cid === connection?.cid)?.in_msgs ?? 0;
  };

  it('answers on the connection that a request came in on, and waits for slow handlers and streams', async () => {
    const app = await startService(options, { controllers: [WorkController] });
    const [old] = await server.connections();
    const client = await startClient(options);
    const slow = firstValueFrom(client.send('slow', 1));
    const stream = lastValueFrom(client.send('stream', 1).pipe(toArray()));
    await eventually(() => slowStarted.count === 1, { what: 'the slow handler to start' });
    const rotation = app.get(NatsAuthService).rotate();
    await eventually(async () => (await server.connections()).length === 3, {
      what: 'the second connection',
    });
    expect(await firstValueFrom(client.send('echo', 'meanwhile'))).toBe('meanwhile');
    expect(await stream).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // The numbers came on the old connection; that one answer may have come on either.
    await eventually(async () => (await saidBy(old)) >= 10, { what: 'ten numbers' });
    const saidBefore = await saidBy(old);
    finishSlow();
    expect(await slow).toBe('done');
    await rotation;
    await eventually(async () => (await server.connections()).length === 2, {
      what: 'the old connection to close',
    });
    expect((await saidBy(old)) - saidBefore).toBe(1);
  });

  it('cuts off a handler that never ends after the time-out, and says so', async () => {
    const app = await startService(
      { ...options, rotation: { timeout: 100 } },
      { controllers: [WorkController] },
    );
    const service = app.get(NatsAuthService);
    const cutOff: NatsAuthEvents['cutOff'][] = [];
    service.on('cutOff', (event) => cutOff.push(event));
    const client = await startClient(options);
    client.send('slow', 1).subscribe({ error: () => {} });
    await eventually(() => slowStarted.count === 1, { what: 'the slow handler to start' });
    await service.rotate();
    expect(cutOff).toMatchObject([{ role: 'server', pending: 1 }]);
    expect(await firstValueFrom(client.send('echo', 'after'))).toBe('after');
  });

  it('fails what the client still waits for when the old connection is cut off', async () => {
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    const client = await startClient({
      ...options,
      connection: { servers: proxy.url },
      rotation: { timeout: 100 },
    });
    await client.connect();
    proxy.breakOpen('stall');
    const request = firstValueFrom(client.send('echo', 'lost'));
    const event = lastValueFrom(client.emit('numbered', 1));
    const failures = Promise.allSettled([request, event]);
    await serviceOf(client).rotate();
    const failed = { status: 'rejected', reason: { code: 'DISCONNECTED' } };
    expect(await failures).toMatchObject([failed, failed]);
  });

  it('lets pending replies arrive on the old connection of the client', async () => {
    await startService(options, { controllers: [WorkController] });
    const client = await startClient(options);
    const slow = firstValueFrom(client.send('slow', 1));
    await eventually(() => slowStarted.count === 1, { what: 'the slow handler to start' });
    const rotation = serviceOf(client).rotate();
    await eventually(async () => (await server.connections()).length === 3, {
      what: 'the second connection',
    });
    finishSlow();
    expect(await slow).toBe('done');
    await rotation;
  });

  it('asked for twenty times at once is carried out for the first, and once more for all others', async () => {
    const app = await startService(options, { controllers: [WorkController] });
    await app.get(NatsAuthClient).connect();
    const service = app.get(NatsAuthService);
    const rotated: NatsAuthEvents['rotated'][] = [];
    service.on('rotated', (event) => rotated.push(event));
    await Promise.all(Array.from({ length: 20 }, () => service.rotate()));
    for (const role of ['server', 'client']) {
      const outcomes = rotated.filter((event) => event.role === role).map(({ outcome }) => outcome);
      expect(outcomes).toEqual(['success', 'success']);
    }
    await eventually(async () => (await server.connections()).length === 2, {
      what: 'the old connections to close',
    });
    // Two connections at first, and two more for each rotation.
    expect(await socketsAccepted(server)).toBe(6);
  });

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

  it('falls back to reconnecting in place where the server allows no second connection', async () => {
    await server.stop();
    server = await startNatsServer({ config: 'max_connections: 1\n' });
    const app = await startService(
      { ...options, connection: { ...options.connection, servers: server.url } },
      { controllers: [WorkController] },
    );
    const service = app.get(NatsAuthService);
    const rotated: NatsAuthEvents['rotated'][] = [];
    service.on('rotated', (event) => rotated.push(event));
    await eventually(() => service.rotate().then(() => true), { what: 'the rotation' });
    expect(rotated.at(-1)).toMatchObject({ mode: 'reconnect', outcome: 'success' });
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

  it('gives unwrap() the connection that is current, and keeps it in mode reconnect', async () => {
    const modes = ['handover', 'reconnect'] as const;
    for (const mode of modes) {
      const app = await startService({ ...options, rotation: { mode } }, {});
      const strategy = app.get(NatsAuthServer);
      const before = strategy.unwrap();
      let whenReplaced: unknown;
      app.get(NatsAuthService).on('replaced', () => (whenReplaced = strategy.unwrap()));
      await app.get(NatsAuthService).rotate();
      expect(whenReplaced).toBe(strategy.unwrap());
      expect(strategy.unwrap() === before).toBe(mode === 'reconnect');
    }
  });
});

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
    expect(rotations.every(({ outcome, trigger }) => outcome === 'success' && trigger === 'ahead')).toBe(
      true,
    );
  });
});

describe('in a cluster', () => {
  const userInfoProvider = { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) };

  it('stays on its server when it rotates', async () => {
    const cluster = await startNatsCluster(3);
    onTestFinished(() => cluster.stop());
    const app = await startService({ connection: { servers: cluster.urls }, userInfoProvider }, {});
    const service = app.get(NatsAuthService);
    const address = service.status.connections.server?.server ?? 'none';
    const server = cluster.servers.find(({ url }) => url.endsWith(address));
    const connection = async () => {
      const connections = (await server?.connections()) ?? [];
      return connections.length === 1 ? connections[0]?.cid : undefined;
    };
    let before = await connection();
    for (let rotation = 0; rotation < 5; rotation++) {
      await service.rotate();
      const after = await eventually(connection, { what: 'the old connection to close' });
      expect(after).not.toBe(before);
      before = after;
    }
  });

  it('moves to another server before one in lame-duck mode ends, and loses nothing from callers anywhere', async () => {
    const cluster = await startNatsCluster(3, {
      config: 'lame_duck_duration: "30s"\nlame_duck_grace_period: "10s"\n',
    });
    onTestFinished(() => cluster.stop());
    heard.length = 0;
    const [leaving, ...staying] = cluster.servers;
    if (!leaving) throw new Error('the cluster has three servers');
    const at = (servers: string): NatsAuthModuleOptions => ({ connection: { servers }, userInfoProvider });
    const app = await startService(at(leaving.url), { controllers: [WorkController] });
    const clients = await Promise.all(cluster.urls.map((url) => startClient(at(url))));
    for (const client of clients) {
      const answer = () => firstValueFrom(client.send('echo', 'there'));
      await eventually(answer, { what: 'the cluster to know the service' });
    }
    const loads = clients.map((client, of) => startLoad(client, of * 1_000_000));
    await eventually(() => loads.every((load) => load.answered > 50), { what: 'load' });
    leaving.lameDuck();
    await eventually(async () => (await leaving.connections()).length === 0, {
      what: 'both connections to move',
      timeoutMs: 20_000,
    });
    for (const load of loads) await load.stop();
    expect(loads.flatMap(({ errors }) => errors)).toEqual([]);
    const events = loads.reduce((sum, load) => sum + load.events, 0);
    await eventually(() => heard.length >= events, { what: 'the events' });
    expect(new Set(heard).size).toBe(events);
    expect(heard).toHaveLength(events);
    const moved = app.get(NatsAuthService).status.connections.server?.server;
    expect(staying.map(({ url }) => url)).toContain(`nats://${moved}`);
  });
});

/** Requests and numbered events, sixteen at a time. */
function startLoad(client: NatsAuthClient, firstNumber = 0) {
  const load = { answered: 0, failed: 0, events: 0, errors: [] as string[], stop };
  let running = true;
  const worker = async () => {
    while (running) {
      const n = firstNumber + ++load.events;
      await Promise.all([
        firstValueFrom(client.send('echo', n)),
        lastValueFrom(client.emit('numbered', n), { defaultValue: undefined }),
      ]).then(
        () => load.answered++,
        (error: unknown) => {
          load.failed++;
          load.errors.push(String(error));
        },
      );
    }
  };
  const workers = Array.from({ length: 16 }, worker);
  async function stop() {
    running = false;
    await Promise.all(workers);
  }
  return load;
}
