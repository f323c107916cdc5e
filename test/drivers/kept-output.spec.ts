import { setTimeout as pause } from 'node:timers/promises';

import { describe, expect, it, onTestFinished } from 'vitest';

import { eventually } from '../../libs/testing/index.js';
import { startFaultProxy } from '../support/fault-proxy.js';
import { DRIVERS, type PlainConnection } from './drivers.js';
import { Peer, roundTrip } from './peer.js';
import { serverForTest, users } from './servers.js';

const PROVIDER_TAKES_MS = 200;

/** Publishes numbers all the time, as an application does that knows of no connection. */
function publishNumbers(nc: PlainConnection) {
  let next = 0;
  const timer = setInterval(() => nc.publish('numbers', String(next++)), 1);
  onTestFinished(() => clearInterval(timer));
  return {
    get next() {
      return next;
    },
    stop: () => clearInterval(timer),
  };
}

function hear(nc: PlainConnection): number[] {
  const heard: number[] = [];
  nc.subscribe('numbers', { callback: (_, message) => heard.push(Number(message.string())) });
  return heard;
}

const from = (first: number, end: number) => Array.from({ length: end - first }, (_, i) => first + i);

describe.each(DRIVERS)('$label, while it has no connection,', (tested) => {
  it('keeps what is published until the provider has answered and it is connected, in order', async () => {
    const config = (pass: string) => users({ svc: pass, listener: 'x' });
    const server = await serverForTest({ config: config('secret') });
    let pass = 'secret';
    const peer = new Peer(tested, {
      provide: async () => {
        if (pass !== 'secret') await pause(PROVIDER_TAKES_MS);
        return { user: 'svc', pass };
      },
      options: { servers: server.url },
    });
    const nc = await peer.open();
    const listener = await tested.plainConnect({ servers: server.url, user: 'listener', pass: 'x' });
    onTestFinished(() => listener.close());
    const heard = hear(listener);
    await listener.flush();
    const numbers = publishNumbers(nc);
    await eventually(() => numbers.next > 20, { what: 'a load' });
    let lostAt = 0;
    peer.emitter.on('disconnected', () => (lostAt = numbers.next));
    pass = 'changed';
    await server.reload(config(pass));
    await peer.until('connected', 2);
    const connectedAt = numbers.next;
    await eventually(() => numbers.next > connectedAt + 20, { what: 'more of it' });
    numbers.stop();
    await nc.flush();
    await eventually(() => heard.at(-1) === numbers.next - 1, { what: 'the last of them' });
    expect(connectedAt - lostAt).toBeGreaterThan(20);
    expect(heard.filter((number) => number >= lostAt)).toEqual(from(lostAt, numbers.next));
  });

  it('keeps it over several dials, without pings that nobody waits for any more', async () => {
    const server = await serverForTest();
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    const peer = new Peer(tested, {
      provide: () => ({ user: 'svc' }),
      options: { servers: proxy.url, reconnectTimeWait: 20, reconnectJitter: 0 },
    });
    const nc = await peer.open();
    const heard = hear(nc);
    await nc.flush();
    await proxy.unlisten();
    await peer.until('disconnected', 1);
    for (let number = 0; number < 100; number++) {
      nc.publish('numbers', String(number));
      if (number % 25 === 0) {
        nc.flush().catch(() => {});
        const dials = peer.all('connectFailed').length;
        await eventually(() => peer.all('connectFailed').length > dials + 1, { what: 'dials in vain' });
      }
    }
    await proxy.listen();
    await peer.until('connected', 2);
    await roundTrip(nc);
    expect(heard).toEqual(from(0, 100));
    expect(peer.all('outputDropped')).toEqual([]);
  });

  it('keeps eight megabytes of it, and tells how many messages did not fit', async () => {
    const server = await serverForTest({ config: 'max_payload: 1048576\n' });
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    const peer = new Peer(tested, {
      provide: () => ({ user: 'svc' }),
      options: { servers: proxy.url, reconnectTimeWait: 20 },
    });
    const nc = await peer.open();
    let heard = 0;
    nc.subscribe('large', { callback: () => heard++ });
    await nc.flush();
    await proxy.unlisten();
    await peer.until('disconnected', 1);
    for (let megabyte = 0; megabyte < 12; megabyte++) nc.publish('large', 'x'.repeat(1_000_000));
    await proxy.listen();
    await peer.until('connected', 2);
    await nc.flush();
    await eventually(() => heard === 9, { what: 'what was kept' });
    expect(peer.all('outputDropped').map(({ messages }) => messages)).toEqual([3]);
  });

  it('drops a message that the next server would end the connection for, and no other', async () => {
    const large = await serverForTest();
    const small = await serverForTest({ config: 'max_payload: 1024\n' });
    const peer = new Peer(tested, {
      provide: () => ({ user: 'svc' }),
      options: { servers: [large.url, small.url], noRandomize: true, reconnectTimeWait: 20 },
    });
    const nc = await peer.open();
    const heard = hear(nc);
    await nc.flush();
    peer.emitter.on('disconnected', () => {
      nc.publish('numbers', '1');
      nc.publish('numbers', '2'.padStart(2_000, '0'));
      nc.publish('numbers', '3');
    });
    await large.kill();
    await peer.until('connected', 2);
    await roundTrip(nc);
    expect(heard).toEqual([1, 3]);
    expect(peer.all('outputDropped').map(({ messages }) => messages)).toEqual([1]);
    expect(peer.all('disconnected')).toHaveLength(1);
  });

  it('tells what will never be sent when it is closed', async () => {
    const server = await serverForTest();
    const peer = new Peer(tested, { provide: () => ({ user: 'svc' }), options: { servers: server.url } });
    const nc = await peer.open();
    await server.kill();
    await peer.until('disconnected', 1);
    nc.publish('numbers', '1');
    await peer.close();
    expect(peer.all('outputDropped').map(({ messages }) => messages)).toEqual([1]);
  });

  it('does not send later what was published in the instant of the loss: its caller was told that it is lost', async () => {
    const server = await serverForTest();
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    const peer = new Peer(tested, { provide: () => ({ user: 'svc' }), options: { servers: proxy.url } });
    const nc = await peer.open();
    const heard = hear(nc);
    await nc.flush();
    // nats.js has noticed, and nobody else has been told.
    const handler = (nc as unknown as { protocol: { disconnected(error?: Error): Promise<void> } }).protocol;
    const disconnected = handler.disconnected.bind(handler);
    handler.disconnected = (error) => {
      handler.disconnected = disconnected;
      nc.publish('numbers', '1');
      return disconnected(error);
    };
    peer.emitter.on('disconnected', () => nc.publish('numbers', '2'));
    proxy.breakOpen('reset');
    await peer.until('connected', 2);
    await roundTrip(nc);
    expect(heard).toEqual([2]);
  });

  it('loses and repeats nothing when it is dialled again in place', async () => {
    const server = await serverForTest();
    const peer = new Peer(tested, {
      provide: () => pause(10, { user: 'svc' }),
      options: { servers: server.url },
    });
    const nc = await peer.open();
    const listener = await tested.plainConnect({ servers: server.url });
    onTestFinished(() => listener.close());
    const heard = hear(listener);
    await listener.flush();
    let next = 0;
    const publishing = { over: false };
    const load = (async () => {
      while (!publishing.over) {
        nc.publish('numbers', String(next++));
        if (next % 10 === 0) await new Promise(setImmediate);
      }
    })();
    for (let rotation = 0; rotation < 20; rotation++)
      await peer.connection.reconnect('manual', undefined, () => Promise.resolve());
    publishing.over = true;
    await load;
    await nc.flush();
    await eventually(() => heard.length >= next, { what: 'all of them' });
    // The server may read what the old socket brought after what the new one did: NATS orders the messages of one socket only.
    expect(heard.sort((one, other) => one - other)).toEqual(from(0, next));
  });
});
