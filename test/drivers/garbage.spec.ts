import { describe, expect, it, onTestFinished } from 'vitest';

import { startFaultProxy } from '../support/fault-proxy.js';
import { DRIVERS } from './drivers.js';
import { Peer, roundTrip } from './peer.js';
import { serverForTest } from './servers.js';

describe.each(DRIVERS)('$label, where something on the way garbles the protocol,', (tested) => {
  const start = async () => {
    const server = await serverForTest();
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    const peer = new Peer(tested, {
      provide: () => ({ user: 'svc', pass: 'secret' }),
      options: { servers: proxy.url, timeout: 60_000 },
    });
    return { proxy, peer };
  };

  it('dials again at once, and does not wait for its pings', async () => {
    const { proxy, peer } = await start();
    const nc = await peer.open();
    proxy.inject('!no protocol\r\n');
    await peer.until('connected', 2);
    await roundTrip(nc);
    expect(peer.all('disconnected')[0]?.error).toMatchObject({ code: 'DISCONNECTED' });
  });

  it.each<[string, (info: string) => string]>([
    ['another protocol', () => 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['INFO that is no JSON', (info) => info.replace('"version"', '"ver\0sion')],
    ['INFO that is no object', () => 'INFO null\r\n'],
    ['garbage after INFO', (info) => `${info}!no protocol\r\n`],
  ])('fails a dial that is answered with %s at once, and says so', async (_, rewriteInfo) => {
    const { proxy, peer } = await start();
    proxy.treat({ rewriteInfo });
    await expect(peer.open()).rejects.toMatchObject({
      code: 'CONNECT_REFUSED',
      message: expect.stringContaining('does not speak the NATS protocol') as string,
      cause: expect.any(Error) as Error,
    });
  });
});
