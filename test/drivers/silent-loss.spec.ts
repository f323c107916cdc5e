import { describe, expect, it, onTestFinished } from 'vitest';

import { startFaultProxy } from '../support/fault-proxy.js';
import { DRIVERS } from './drivers.js';
import { Peer, roundTrip } from './peer.js';
import { serverForTest } from './servers.js';

/** More than the system keeps for a socket whose other side reads nothing. */
const MANY = 200;
const LARGE = 'x'.repeat(100_000);

const provide = () => ({ user: 'svc', pass: 'secret' });

async function proxyForTest() {
  const proxy = await startFaultProxy(await serverForTest());
  onTestFinished(() => proxy.stop());
  return proxy;
}

describe.each(DRIVERS)('$label', (tested) => {
  it('notices by its pings that nothing arrives any more, also when nothing leaves', async () => {
    const proxy = await proxyForTest();
    const options = { servers: proxy.url, pingInterval: 100, maxPingOut: 1, reconnectTimeWait: 20 };
    const peer = new Peer(tested, { provide, options });
    const nc = await peer.open();
    proxy.breakOpen('stall');
    for (let sent = 0; sent < MANY; sent++) nc.publish('full', LARGE);
    await peer.until('disconnected', 1);
    // Pings that are this frequent end the next connection, too, when the process stands still for a moment.
    await peer.until('connected', 2);
  });

  it.each([
    ['every 20 s', {}, 20_000],
    ['as its options say', { pingInterval: 30_000 }, 30_000],
  ])('pings %s', async (_, options, every) => {
    const { url } = await serverForTest();
    const nc = await new Peer(tested, { provide, options: { servers: url, ...options } }).open();
    expect((nc as unknown as { options: object }).options).toMatchObject({
      pingInterval: every,
      maxPingOut: 2,
    });
  });

  it('leaves a connection alone that is doubted, and on which something arrives', async () => {
    const proxy = await proxyForTest();
    const peer = new Peer(tested, { provide, options: { servers: proxy.url } });
    const nc = await peer.open();
    for (let doubts = 0; doubts < 10; doubts++) peer.connection.doubt();
    await roundTrip(nc);
    expect(peer.all('disconnected')).toEqual([]);
  });
});
