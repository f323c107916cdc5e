import type { NatsAuthEvents } from 'nestjs-nats-auth';
import { eventually, type NatsServer, type ServerConnection } from 'nestjs-nats-auth/testing';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';

import { startFaultProxy } from '../../support/fault-proxy.js';
import { serviceOf } from '../nest/app.js';
import { startWorkplace, work } from './work.js';

/** How many messages a connection has published, also one that is closed. */
async function saidBy(server: NatsServer, connection: ServerConnection | undefined): Promise<number> {
  const response = await fetch(`${server.monitorUrl}/connz?state=all`);
  const { connections } = (await response.json()) as { connections: { cid: number; in_msgs: number }[] };
  return connections.find(({ cid }) => cid === connection?.cid)?.in_msgs ?? 0;
}

const untilSlow = () => eventually(() => work.slow === 1, { what: 'the slow handler to start' });

describe('rotate() with work under way', () => {
  it('answers on the connection that a request came in on, and waits for slow handlers and streams', async () => {
    const { server, startService, startClient, untilConnections } = await startWorkplace();
    const { service } = await startService();
    const [old] = await server.connections();
    const client = await startClient();
    const slow = firstValueFrom(client.send('slow', 1));
    const stream = lastValueFrom(client.send('stream', 1).pipe(toArray()));
    await untilSlow();
    const rotation = service.rotate();
    await untilConnections(3);
    expect(await firstValueFrom(client.send('echo', 'meanwhile'))).toBe('meanwhile');
    expect(await stream).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // The numbers came on the old connection; that one answer may have come on either.
    await eventually(async () => (await saidBy(server, old)) >= 10, { what: 'ten numbers' });
    const saidBefore = await saidBy(server, old);
    work.finishSlow();
    expect(await slow).toBe('done');
    await rotation;
    await untilConnections(2);
    expect((await saidBy(server, old)) - saidBefore).toBe(1);
  });

  it('cuts off a handler that never ends after the time-out, and says so', async () => {
    const { startService, startClient } = await startWorkplace();
    const { service } = await startService({ rotation: { timeout: 100 } });
    const cutOff: NatsAuthEvents['cutOff'][] = [];
    service.on('cutOff', (event) => cutOff.push(event));
    const client = await startClient();
    client.send('slow', 1).subscribe({ error: () => {} });
    await untilSlow();
    await service.rotate();
    expect(cutOff).toMatchObject([{ role: 'server', pending: 1 }]);
    expect(await firstValueFrom(client.send('echo', 'after'))).toBe('after');
  });

  it('fails what the client still waits for when the old connection is cut off', async () => {
    const { server, startClient } = await startWorkplace();
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    const client = await startClient({
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
    const { startService, startClient, untilConnections } = await startWorkplace();
    await startService();
    const client = await startClient();
    const slow = firstValueFrom(client.send('slow', 1));
    await untilSlow();
    const rotation = serviceOf(client).rotate();
    await untilConnections(3);
    work.finishSlow();
    expect(await slow).toBe('done');
    await rotation;
  });
});
