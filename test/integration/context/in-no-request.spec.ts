import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';

import type { NatsConnection } from '@nats-io/transport-node';
import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { eventually, freePort } from 'nestjs-nats-auth/testing';
import { Gauge, Registry } from 'prom-client';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { startClient, startService } from '../nest/app.js';
import { type ObservedApp, requestOf, startObservedApp } from './observed-app.js';

const anyUser = { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) };

@Controller()
class EchoRequestController {
  @MessagePattern('request')
  request() {
    return requestOf.getStore();
  }
}

const CALLBACK = 'callback on the injected connection';

/** Each way by which an application comes into the package while it handles a request. */
const ENTRIES: Readonly<Record<string, (app: ObservedApp) => Promise<unknown>>> = {
  'the first send()': ({ client }) => firstValueFrom(client.send('echo', 1)),
  'the first emit()': ({ client }) => lastValueFrom(client.emit('told', 1), { defaultValue: 'told' }),
  'connect() of the client': ({ client }) => client.connect(),
  'close() of the client': async ({ client }) => {
    await client.connect();
    await client.close();
    return client.connect();
  },
  'rotate()': async ({ client, nats }) => {
    await client.connect();
    await nats.rotate();
  },
  'refresh()': ({ nats }) => nats.refresh(),
  'a change that the provider tells of': async ({ nats, changed }) => {
    const rotated = new Promise<void>((resolve) => nats.on('rotated', () => resolve()));
    changed();
    await rotated;
  },
  'reconnect() of the nats.js connection': async ({ client, nats }) => {
    await client.connect();
    const connected = new Promise<void>((resolve) => nats.on('connected', () => resolve()));
    await client.unwrap<NatsConnection>().reconnect();
    await connected;
  },
  'close() of the nats.js connection': async ({ client, nats }) => {
    await client.connect();
    const connected = new Promise<void>((resolve) => nats.on('connected', () => resolve()));
    await client.unwrap<NatsConnection>().close();
    await connected;
  },
  'a subscription on the injected connection': async ({ nats, sightings }) => {
    const nc = await nats.connection<NatsConnection>();
    nc.subscribe('told', { callback: () => sightings.note(CALLBACK) });
    await nc.flush();
    await nc.reconnect();
  },
  'close() of the injected connection': async ({ nats }) => {
    const nc = await nats.connection<NatsConnection>();
    await nc.close();
  },
};

/** Asks the handlers, out of a request of its own. */
async function askHandlers({ client }: ObservedApp): Promise<void> {
  await firstValueFrom(client.send('echo', 1));
  await lastValueFrom(client.emit('told', 1), { defaultValue: undefined });
}

/** What the service goes through later, for no request: a rotation, and the end of its server. */
async function goOn(app: ObservedApp): Promise<void> {
  await askHandlers(app);
  await app.nats.rotate();
  await askHandlers(app);
  await app.server.kill();
  await app.server.restart();
  await eventually(() => askHandlers(app).then(() => true), { what: 'the handlers to be back' });
  await app.nats.rotate();
  await askHandlers(app);
}

const PARTS = [
  ...['getUserInfo()', 'sign()', 'watch()', 'serializer.init'],
  ...['handler of a request', 'handler of a request, later', 'handler of an event'],
  ...['listener of connected', 'listener of disconnected', 'listener of rotated'],
  "the client's status",
];

describe('what the package starts runs in no request', () => {
  it.each(Object.keys(ENTRIES))('whose first caller was %s in a request', async (name) => {
    // With an expiry, what the provider gives after a change is not the same as before.
    const app = await startObservedApp({ lifetimeMs: 3_600_000 });
    await requestOf.run(name, () => ENTRIES[name]?.(app));
    await goOn(app);
    expect(app.sightings.leaks).toEqual([]);
    const more = name.startsWith('a subscription') ? [CALLBACK] : [];
    expect(app.sightings.parts).toEqual(expect.arrayContaining([...PARTS, ...more]));
  });

  it('of an application that was started and is closed in one', async () => {
    const app = await startObservedApp({}, (start) => requestOf.run('the start', start));
    await goOn(app);
    await requestOf.run('the end', () => app.app.close());
    expect(app.sightings.leaks).toEqual([]);
    expect(app.sightings.parts).toEqual(
      expect.arrayContaining([...PARTS, "the client's on()", 'end of watch()']),
    );
  });

  it('when user info is refreshed ahead of its expiry', async () => {
    const app = await startObservedApp({
      lifetimeMs: 2_600,
      refresh: { ahead: { fraction: 0.4, jitter: 0 } },
    });
    const ahead: string[] = [];
    app.nats.on('rotated', ({ trigger, role }) => trigger === 'expiring' && ahead.push(role));
    await requestOf.run('the first send()', () => firstValueFrom(app.client.send('echo', 1)));
    await requestOf.run('rotate()', () => app.nats.rotate());
    await eventually(() => ahead.length >= 2, { what: 'both roles to move ahead of the expiry' });
    await askHandlers(app);
    expect(app.sightings.leaks).toEqual([]);
  });
});

it('a provider call that is cut short by a close() in a request hears of it in none', async () => {
  const server = await serverForTest();
  const heard: unknown[] = [];
  let called = () => {};
  const asked = new Promise<void>((resolve) => (called = resolve));
  const client = await startClient({
    connection: { servers: server.url },
    userInfoProvider: {
      getUserInfo: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            heard.push(requestOf.getStore());
            reject(new Error('cut short'));
          });
          called();
        }),
    },
  });
  const connecting = client.connect().catch(String);
  await asked;
  await requestOf.run('close()', () => client.close());
  expect(await connecting).toMatch(/closed/);
  expect(heard).toEqual([undefined]);
});

it('what is entered while one message is read is not there for the next', async () => {
  const server = await serverForTest();
  const seen: unknown[] = [];
  const deserializer = {
    deserialize: ({ data }: { data: Uint8Array }) => {
      const packet = JSON.parse(Buffer.from(data).toString()) as { data: string };
      seen.push(`${packet.data} in ${requestOf.getStore()}`);
      requestOf.enterWith(packet.data);
      return packet;
    },
  };
  await startService(
    { connection: { servers: server.url, deserializer }, userInfoProvider: anyUser },
    { controllers: [EchoRequestController] },
  );
  const client = await startClient({ connection: { servers: server.url }, userInfoProvider: anyUser });
  const answers = ['first', 'second'].map((name) => firstValueFrom(client.send('request', name)));
  expect(await Promise.all(answers)).toEqual(['first', 'second']);
  expect(seen).toEqual(['first in undefined', 'second in undefined']);
});

it('a scrape of the metrics runs in no request', async () => {
  const registry = new Registry();
  const seen: unknown[] = [];
  new Gauge({
    name: 'own',
    help: 'own',
    registers: [registry],
    collect: () => void seen.push(requestOf.getStore()),
  });
  const port = await freePort();
  await startObservedApp({ metrics: { registry, port } }, (start) => requestOf.run('the start', start));
  const socket = connectSocket(port, '127.0.0.1');
  socket.end('GET /metrics HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n');
  socket.resume();
  await once(socket, 'close');
  expect(seen).toEqual([undefined]);
});
