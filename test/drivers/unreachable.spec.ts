import { describe, expect, it, onTestFinished } from 'vitest';

import { ServerUnreachableError, type UnreachableReason } from '../../libs/connection/index.js';
import { startBlackHole } from '../support/black-hole.js';
import { startFaultProxy } from '../support/fault-proxy.js';
import { resolveName } from '../support/host-names.js';
import { createTlsFiles } from '../support/tls.js';
import { DRIVERS, type TestedDriver } from './drivers.js';
import { Peer } from './peer.js';
import { serverForTest } from './servers.js';

const NAME = 'nats.for.test';

describe.each(DRIVERS)('$label, while an outage goes on, tells', (tested) => {
  it('that the name of the server has no address', async () => {
    const server = await serverForTest();
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    let addresses = ['127.0.0.1'];
    resolveName(NAME, () => addresses);
    const peer = peerOf(tested, { servers: `${NAME}:${proxy.port}` });
    await peer.open();
    addresses = [];
    proxy.breakOpen('reset');
    await isTold(peer, 'name', /nats\.for\.test:\d+ cannot be reached: .*ENOTFOUND/);
  });

  it('that nobody listens at its address', async () => {
    const server = await serverForTest();
    const peer = peerOf(tested, { servers: server.url });
    await peer.open();
    await server.kill();
    await isTold(peer, 'refused', /ECONNREFUSED|refused/);
  });

  it('that its certificate is not one of the authority that is trusted', async () => {
    const files = await createTlsFiles();
    onTestFinished(() => files.remove());
    const server = await serverForTest({ config: files.config() });
    const peer = peerOf(tested, { servers: server.url, tls: { ca: files.ca } });
    await peer.open();
    await server.kill();
    await files.renew();
    await server.restart();
    await isTold(peer, 'tls', /cannot be reached: .*(certificate|signature)/i);
  });

  it('that its address swallows packets', async () => {
    const hole = await startBlackHole();
    onTestFinished(() => hole.stop());
    const server = await serverForTest();
    const peer = peerOf(tested, { servers: [server.url, hole.url], noRandomize: true, timeout: 300 });
    await peer.open();
    await server.kill();
    await isTold(
      peer,
      'timeout',
      new RegExp(`127.0.0.1:${hole.port} cannot be reached: (.*time|did not answer)`, 'i'),
    );
  });
});

function peerOf(tested: TestedDriver, options: Record<string, unknown>): Peer {
  return new Peer(tested, {
    provide: () => ({ user: 'svc', pass: 'pa55-word' }),
    options: { reconnectTimeWait: 20, reconnectJitter: 0, ...options },
  });
}

async function isTold(peer: Peer, reason: UnreachableReason, message: RegExp): Promise<void> {
  await peer.until('connectFailed', 3);
  const failures = peer.all('connectFailed').map(({ error }) => error);
  const found = failures.find((error) => error instanceof ServerUnreachableError && error.reason === reason);
  expect(found, failures.map(String).join('\n')).toMatchObject({ code: 'SERVER_UNREACHABLE' });
  expect(found?.message).toMatch(message);
}
