import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { Controller, type INestApplicationContext, type Type } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { NatsAuthClient, type NatsAuthModuleOptions, NatsAuthService } from 'nestjs-nats-auth';
import { eventually, freePort, type NatsServer } from 'nestjs-nats-auth/testing';
import { lastValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { serviceOf, startClient, startService } from '../nest/app.js';

const CALLS = 50;
/** By how much the handlers come back later than those who call them. */
const LATER_MS = 300;

describe('what waited while the server was away', () => {
  let server: NatsServer;
  let heard: Heard;

  beforeEach(async () => {
    server = await serverForTest();
    heard = { requests: [], events: [] };
  });

  it('finds the handlers of its own application, however late they are subscribed again', async () => {
    const link = await startLink(server.port);
    // Neither the pause nor another attempt helps here.
    const client = { releaseDelay: 0, awaitResponders: 0 };
    const app = await startService(options(link.url, { client }), { controllers: [service(heard)] });
    await app.get(NatsAuthClient).connect();
    await server.kill();
    await lost(app, ['client', 'server']);
    const calls = callsOf(app.get(NatsAuthClient));
    link.delay('SUB held.', LATER_MS);
    await server.restart();
    await expectHandledOnce(calls, heard);
  });

  it('finds the handlers of another application, when that is back within the times of the options', async () => {
    await startService(options(server.url, { userInfoProvider: slowAfterTheFirst() }), {
      controllers: [service(heard)],
    });
    const client = await startClient(options(server.url, { client: { releaseDelay: LATER_MS * 10 } }));
    await client.connect();
    await server.kill();
    await lost(client, ['client']);
    const calls = callsOf(client);
    await server.restart();
    await expectHandledOnce(calls, heard);
  });

  it.each(['wait', 'fail'] as const)(
    'a request is sent again until its handler is back (whileDisconnected: %s)',
    async (whileDisconnected) => {
      await startService(options(server.url, { userInfoProvider: slowAfterTheFirst() }), {
        controllers: [service(heard)],
      });
      const client = await startClient(
        options(server.url, { client: { releaseDelay: 0, whileDisconnected } }),
      );
      await client.connect();
      await server.restart();
      await eventually(() => serviceOf(client).status.connections.client?.state === 'connected');
      const requests = times(CALLS, (n) => lastValueFrom(client.send<number>('held.request', n)));
      expect(await Promise.all(requests)).toEqual(times(CALLS, (n) => n));
      expect(heard.requests.sort(byNumber)).toEqual(times(CALLS, (n) => n));
    },
  );

  it('a request that nobody answers fails as it always did, once the time is over', async () => {
    const client = await startClient(
      options(server.url, { client: { releaseDelay: 0, awaitResponders: 200 } }),
    );
    await client.connect();
    await expect(lastValueFrom(client.send('held.request', 1))).rejects.toThrow(/no subscribers/);
    await server.kill();
    await lost(client, ['client']);
    const request = lastValueFrom(client.send('held.request', 1));
    request.catch(() => {});
    await server.restart();
    await expect(request).rejects.toThrow(/no subscribers/);
  });

  it('fails with the client when that is closed before', async () => {
    const client = await startClient(options(server.url, { client: { releaseDelay: 60_000 } }));
    await client.connect();
    await server.kill();
    await lost(client, ['client']);
    const { requests, events } = callsOf(client);
    await server.restart();
    await eventually(() => serviceOf(client).status.connections.client?.state === 'connected');
    await client.close();
    for (const outcome of await Promise.allSettled([...requests, ...events]))
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'CLOSED' } });
  });
});

interface Heard {
  readonly requests: number[];
  readonly events: number[];
}

interface Calls {
  readonly requests: Promise<number>[];
  readonly events: Promise<unknown>[];
}

function callsOf(client: NatsAuthClient): Calls {
  const requests = times(CALLS, (n) => lastValueFrom(client.send<number>('held.request', n)));
  const events = times(CALLS, (n) => lastValueFrom(client.emit('held.event', n)));
  for (const call of [...requests, ...events]) call.catch(() => {});
  return { requests, events };
}

async function expectHandledOnce({ requests, events }: Calls, heard: Heard): Promise<void> {
  const all = times(CALLS, (n) => n);
  expect(await Promise.all(requests)).toEqual(all);
  await Promise.all(events);
  await eventually(() => heard.events.length >= CALLS, { what: 'every event to be handled' });
  expect(heard.events.sort(byNumber)).toEqual(all);
  expect(heard.requests.sort(byNumber)).toEqual(all);
}

function options(servers: string, more: Partial<NatsAuthModuleOptions>): NatsAuthModuleOptions {
  return {
    connection: { servers, reconnectTimeWait: 50, reconnectJitter: 0 },
    userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    ...more,
  };
}

/** A provider that takes its time after an outage. */
function slowAfterTheFirst() {
  let calls = 0;
  return {
    getUserInfo: async () => {
      if (++calls > 1) await pause(LATER_MS);
      return { user: 'svc', pass: 'secret' };
    },
  };
}

function service(heard: Heard): Type {
  @Controller()
  class Service {
    @MessagePattern('held.request')
    request(@Payload() n: number) {
      heard.requests.push(n);
      return n;
    }

    @EventPattern('held.event')
    event(@Payload() n: number) {
      heard.events.push(n);
    }
  }
  return Service;
}

async function lost(
  of: NatsAuthClient | INestApplicationContext,
  roles: ('client' | 'server')[],
): Promise<void> {
  const nats = of instanceof NatsAuthClient ? serviceOf(of) : of.get(NatsAuthService);
  const gone = () => roles.every((role) => nats.status.connections[role]?.state === 'disconnected');
  await eventually(gone, { what: 'the connections to be lost' });
}

/** A TCP proxy that can let the data of a client wait from where it holds a text. */
async function startLink(port: number) {
  const sockets = new Set<Socket>();
  let held: { text: string; ms: number } | undefined;
  const listener = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
        sockets.delete(socket);
      });
    }
    upstream.pipe(client);
    client.on('data', (chunk) => {
      if (!held || !chunk.includes(held.text)) return void upstream.write(chunk);
      client.pause();
      setTimeout(() => {
        upstream.write(chunk);
        client.resume();
      }, held.ms);
    });
  });
  listener.listen(await freePort(), '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  return {
    url: `nats://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    delay: (text: string, ms: number) => {
      held = { text, ms };
    },
  };
}

function byNumber(a: number, b: number): number {
  return a - b;
}

function times<T>(n: number, make: (n: number) => T): T[] {
  return Array.from({ length: n }, (_, index) => make(index));
}
