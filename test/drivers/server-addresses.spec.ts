import { once } from 'node:events';
import { connect, createServer } from 'node:net';

import { describe, expect, it, onTestFinished } from 'vitest';

import { eventually } from '../../libs/testing/index.js';
import { startFaultProxy } from '../support/fault-proxy.js';
import { DRIVERS } from './drivers.js';
import { Peer, roundTrip } from './peer.js';
import { serverForTest, users } from './servers.js';

const provide = () => ({ user: 'svc', pass: 'secret' });
const config = users({ svc: 'secret' });

/** The same port of `::1`, passed on to that of 127.0.0.1. */
async function alsoOnIPv6(port: number): Promise<void> {
  const listener = createServer((socket) => {
    const there = connect(port, '127.0.0.1');
    socket.pipe(there).pipe(socket);
    for (const [one, other] of [[socket, there] as const, [there, socket] as const])
      one.on('error', () => {}).on('close', () => other.destroy());
  });
  listener.listen(port, '::1');
  await once(listener, 'listening');
  onTestFinished(() => void listener.close());
}

describe.each(DRIVERS)('$label', (tested) => {
  it.each<[string, (port: number) => string | string[]]>([
    ['host:port', (port) => `127.0.0.1:${port}`],
    ['a scheme in capitals', (port) => `NATS://LOCALHOST:${port}`],
    ['a slash behind it', (port) => `nats://127.0.0.1:${port}/`],
    ['white space around it', (port) => ` 127.0.0.1:${port}\n`],
    ['a short form of IPv4', (port) => `127.1:${port}`],
    ['IPv4 within IPv6', (port) => `nats://[::ffff:127.0.0.1]:${port}`],
    ['IPv6', (port) => `nats://[0:0:0:0:0:0:0:1]:${port}`],
    ['a list in which it is the first', (port) => `nats://127.0.0.1:${port},nats://127.0.0.1:1`],
    [
      'a list in which it is the last',
      (port) => ['127.0.0.1:1, 127.0.0.1:2', `127.0.0.1:1,127.0.0.1:${port}`],
    ],
  ])('dials a server by %s, and finds it again', async (_, servers) => {
    const server = await serverForTest({ config });
    await alsoOnIPv6(server.port);
    const options = { servers: servers(server.port), reconnectTimeWait: 20, noRandomize: true };
    const peer = new Peer(tested, { provide, options });
    await peer.open();
    await server.kill();
    await server.restart();
    await peer.until('connected', 2);
    await roundTrip(await peer.open());
    // Nothing of the list was lost on the way.
    const order = peer.connection.orderOfSuccessor?.servers ?? [];
    expect(order).toHaveLength(new Set(order).size);
    expect(order.filter((address) => address.endsWith(`:${server.port}`)).length).toBeGreaterThan(0);
  });

  it('stays connected when the cluster tells of addresses that nobody can dial', async () => {
    const server = await serverForTest({ config });
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    proxy.treat({ rewriteInfo: (info) => info.replace('{', '{"connect_urls":[":"],') });
    const peer = new Peer(tested, { provide, options: { servers: proxy.url } });
    const nc = await peer.open();
    // Newer servers send another INFO right after their first PONG, which would undo what was injected before it.
    await roundTrip(nc);
    const told = ['nats:99999', 'fe80::1%eth0', 'svc:pa55@nats:4222', '', 7, null, 'Other.Example:4222'];
    for (const connect_urls of [told, told, 'nats:4222', { length: 1 }])
      proxy.inject(`INFO ${JSON.stringify({ connect_urls })}\r\n`);
    proxy.inject(`INFO ${JSON.stringify({ connect_urls: told })}\r\n`);
    const order = () => peer.connection.orderOfSuccessor?.servers ?? [];
    await eventually(() => order().length > 1, { what: 'the cluster to have told' });
    await roundTrip(nc);
    expect(order()).toEqual([`127.0.0.1:${new URL(proxy.url).port}`, 'other.example:4222']);
    expect(peer.all('disconnected')).toEqual([]);
  });
});
