import { once } from 'node:events';
import { createServer } from 'node:net';

import { describe, expect, it, onTestFinished } from 'vitest';

import type { ConnectionOptions } from '../../libs/connection/index.js';
import { freePort, startNatsCluster } from '../../libs/testing/index.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { createTlsFiles, type TlsFiles } from '../support/tls.js';
import { DRIVERS } from './drivers.js';
import { Peer, roundTrip } from './peer.js';
import { RELEASE, serverForTest, users } from './servers.js';

const provide = () => ({ user: 'svc', pass: 'pa55-word' });

/** A listener that gives this INFO to each client, and keeps what it is told. */
async function listenerWith(info: object): Promise<{ port: number; heard(): string }> {
  let heard = '';
  const listener = createServer((socket) => {
    socket.on('data', (bytes) => (heard += bytes.toString('latin1')));
    socket.on('error', () => {});
    socket.write(`INFO ${JSON.stringify({ version: '2.10.0', proto: 1, max_payload: 1_024, ...info })}\r\n`);
  });
  const port = await freePort();
  listener.listen(port, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(() => void listener.close());
  return { port, heard: () => heard };
}

async function tlsFiles(): Promise<TlsFiles> {
  const files = await createTlsFiles();
  onTestFinished(() => files.remove());
  return files;
}

const demands: [string, (port: number) => ConnectionOptions][] = [
  ['tls://', (port) => ({ servers: `tls://127.0.0.1:${port}` })],
  ['another server with tls://', (port) => ({ servers: [`nats://127.0.0.1:${port}`, 'tls://127.0.0.1:1'] })],
  ['tls: {}', (port) => ({ servers: `127.0.0.1:${port}`, tls: {} })],
  ['handshakeFirst', (port) => ({ servers: `tls://127.0.0.1:${port}`, tls: { handshakeFirst: true } })],
  // A value that the options do not let pass.
  ['handshakeFirst: 1', (port) => ({ servers: `127.0.0.1:${port}`, tls: { handshakeFirst: 1 } })],
];

/** What an attacker in the way makes of INFO, or a server without TLS says. */
const infos: [string, object][] = [
  ['no word of TLS', {}],
  ['tls_required: false', { tls_required: false }],
  ['TLS in a way that nats.js takes for an offer and does not take up', { tls_available: 1 }],
];

describe.each(DRIVERS)('$label', (tested) => {
  describe.each(demands)('where TLS is demanded by %s', (_, options) => {
    it.each(infos)('shows no credentials to a server that has %s in its INFO', async (__, info) => {
      const listener = await listenerWith(info);
      const peer = new Peer(tested, {
        provide,
        options: { noRandomize: true, timeout: 10_000, ...options(listener.port) },
      });
      await expect(peer.open()).rejects.toMatchObject({ code: 'TLS_UNAVAILABLE' });
      expect(listener.heard()).not.toContain('pa55-word');
      expect(listener.heard()).not.toContain('CONNECT');
      expect(peer.all('connectFailed').map(({ error }) => error.code)).toContain('TLS_UNAVAILABLE');
    });
  });

  it('verifies the certificate of a tls:// server though there is no tls option', async () => {
    const tls = await tlsFiles();
    const server = await serverForTest({ config: users({ svc: 'pa55-word' }) + tls.config() });
    const peer = new Peer(tested, { provide, options: { servers: `tls://localhost:${server.port}` } });
    await expect(peer.open()).rejects.toThrow(/certificate/);
  });

  const withoutTls = (proxy: FaultProxy) =>
    proxy.treat({ rewriteInfo: (info) => info.replace(/"tls_(required|verify|available)":true,?/g, '') });

  it('refuses a server that offers no TLS any more at a reconnect, and comes back when it does', async () => {
    const tls = await tlsFiles();
    const server = await serverForTest({ config: users({ svc: 'pa55-word' }) + tls.config() });
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    const peer = new Peer(tested, {
      provide,
      options: { servers: `tls://localhost:${proxy.port}`, tls: { ca: tls.ca }, reconnectTimeWait: 20 },
    });
    const nc = await peer.open();
    withoutTls(proxy);
    proxy.breakOpen('reset');
    await peer.until('connectFailed', 3);
    expect(new Set(peer.all('connectFailed').map(({ error }) => error.code))).toEqual(
      new Set(['TLS_UNAVAILABLE']),
    );
    proxy.heal();
    await peer.until('connected', 2);
    await roundTrip(nc);
  });

  it('demands TLS of the servers that a cluster tells of', async () => {
    const tls = await tlsFiles();
    const cluster = await startNatsCluster(2, {
      release: RELEASE,
      config: users({ svc: 'pa55-word' }) + tls.config(),
    });
    onTestFinished(() => cluster.stop());
    const [first, second] = cluster.servers;
    const peer = new Peer(tested, {
      provide,
      options: { servers: `tls://localhost:${first?.port}`, tls: { ca: tls.ca }, reconnectTimeWait: 20 },
    });
    const nc = await peer.open();
    await first?.kill();
    await peer.until('connected', 2);
    await roundTrip(nc);
    expect(peer.server).toContain(`:${second?.port}`);
  });

  it('tells under waitOnFirstConnect that it waits for TLS', async () => {
    const listener = await listenerWith({});
    const peer = new Peer(tested, {
      provide,
      options: {
        servers: `tls://127.0.0.1:${listener.port}`,
        waitOnFirstConnect: true,
        reconnectTimeWait: 10,
      },
    });
    const opened = peer.open().catch((error: unknown) => error);
    await peer.until('connectFailed', 3);
    await peer.close();
    await opened;
    expect(listener.heard()).not.toContain('CONNECT');
  });
});
