import { type NatsAuthEvents, type NatsAuthModuleOptions, NatsAuthService } from 'nestjs-nats-auth';
import {
  eventually,
  type NatsServer,
  type ServerConnection,
  startNatsServer,
} from 'nestjs-nats-auth/testing';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { startFaultProxy } from '../../support/fault-proxy.js';
import { serviceOf, startClient, startService } from '../nest/app.js';
import { optionsFor, work, WorkController } from './work.js';

describe('rotate() with work under way', () => {
  let server: NatsServer;
  let options: NatsAuthModuleOptions;
  beforeEach(async () => {
    server = await startNatsServer({
      config: 'authorization { users: [ { user: svc, password: secret } ] }\n',
    });
    options = optionsFor(server);
  });
  afterEach(() => server.stop());

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
    await eventually(() => work.slow === 1, { what: 'the slow handler to start' });
    const rotation = app.get(NatsAuthService).rotate();
    await eventually(async () => (await server.connections()).length === 3, {
      what: 'the second connection',
    });
    expect(await firstValueFrom(client.send('echo', 'meanwhile'))).toBe('meanwhile');
    expect(await stream).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // The numbers came on the old connection; that one answer may have come on either.
    await eventually(async () => (await saidBy(old)) >= 10, { what: 'ten numbers' });
    const saidBefore = await saidBy(old);
    work.finishSlow();
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
    await eventually(() => work.slow === 1, { what: 'the slow handler to start' });
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
    await eventually(() => work.slow === 1, { what: 'the slow handler to start' });
    const rotation = serviceOf(client).rotate();
    await eventually(async () => (await server.connections()).length === 3, {
      what: 'the second connection',
    });
    work.finishSlow();
    expect(await slow).toBe('done');
    await rotation;
  });
});
