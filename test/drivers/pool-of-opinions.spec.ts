import { once } from 'node:events';
import { createServer } from 'node:net';

import { describe, expect, it, onTestFinished } from 'vitest';

import { eventually } from '../../libs/testing/index.js';
import { startFaultProxy } from '../support/fault-proxy.js';
import { resolveName } from '../support/host-names.js';
import { DRIVERS } from './drivers.js';
import { Peer, roundTrip } from './peer.js';
import { serverForTest, users } from './servers.js';

const provide = () => ({ user: 'svc', pass: 'secret' });

const STARTS = 20;

describe.each(DRIVERS)('$label, where servers do not agree on its credentials,', (tested) => {
  it.each([false, true])(
    'starts each time on the one of two that knows them (waitOnFirstConnect: %s)',
    async (waitOnFirstConnect) => {
      const knows = await serverForTest({ config: users({ svc: 'secret' }) });
      const other = await serverForTest({ config: users({ other: 'x' }) });
      const options = { servers: [knows.url, other.url], waitOnFirstConnect };
      let rejections = 0;
      for (let start = 0; start < STARTS; start++) {
        const peer = new Peer(tested, { provide, options, rejection: { maxOnConnect: 1 } });
        await peer.open();
        expect(peer.requests).toHaveLength(1);
        expect(peer.source.current).toBeDefined();
        rejections += peer.all('rejected').length;
        await peer.close();
      }
      // Chance puts one of them first.
      expect(rejections).toBeGreaterThan(0);
      expect(rejections).toBeLessThan(STARTS);
    },
  );

  it('starts on the one that knows them behind one name with two addresses', async () => {
    resolveName('nats.test', () => ['127.0.0.2', '127.0.0.1']);
    const knows = await serverForTest({ config: users({ svc: 'secret' }) });
    const info = `INFO ${JSON.stringify({ version: '2.10.0', proto: 1, max_payload: 1_024 })}\r\n`;
    const other = createServer((socket) => {
      socket.on('error', () => {});
      socket.write(info);
      socket.once('data', () => socket.end(`-ERR 'Authorization Violation'\r\n`));
    });
    other.listen(knows.port, '127.0.0.2');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const peer = new Peer(tested, {
      provide,
      options: { servers: `nats.test:${knows.port}`, resolve: true, noRandomize: true },
      rejection: { maxOnConnect: 1 },
    });
    await roundTrip(await peer.open());
    expect(peer.all('rejected')).toHaveLength(1);
    expect(peer.requests).toHaveLength(1);
  });

  it.each([false, true])(
    'fails with the rejection when one rejects and the other is down (waitOnFirstConnect: %s)',
    async (waitOnFirstConnect) => {
      const other = await serverForTest({ config: users({ other: 'x' }) });
      const down = await serverForTest();
      await down.stop();
      for (const servers of [
        [other.url, down.url],
        [down.url, other.url],
      ]) {
        const options = { servers, noRandomize: true, waitOnFirstConnect, reconnectTimeWait: 20 };
        const peer = new Peer(tested, { provide, options, rejection: { maxOnConnect: 3 } });
        await expect(peer.open()).rejects.toMatchObject({ code: 'REJECTED' });
        expect(peer.all('rejected')).toHaveLength(3);
      }
    },
  );

  it('asks its provider again when none of them has accepted, and no more often than maxOnConnect', async () => {
    const servers = [
      await serverForTest({ config: users({ other: 'x' }) }),
      await serverForTest({ config: users({ other: 'x' }) }),
      await serverForTest({ config: users({ other: 'x' }) }),
    ].map(({ url }) => url);
    const peer = new Peer(tested, { provide, options: { servers }, rejection: { maxOnConnect: 4 } });
    await expect(peer.open()).rejects.toMatchObject({ code: 'REJECTED' });
    expect(peer.requests.map(({ reason }) => reason)).toEqual([
      'connect',
      'rejected',
      'rejected',
      'rejected',
    ]);
    expect(peer.all('rejected')).toHaveLength(12);
  });

  it('waits for the one that knows them to come up under waitOnFirstConnect, and is not kept from it', async () => {
    const knows = await serverForTest({ config: users({ svc: 'secret' }) });
    const other = await serverForTest({ config: users({ other: 'x' }) });
    await knows.kill();
    const options = {
      servers: [other.url, knows.url],
      noRandomize: true,
      waitOnFirstConnect: true,
      reconnectTimeWait: 20,
    };
    const peer = new Peer(tested, { provide, options, rejection: { maxOnConnect: Infinity } });
    const opening = peer.open();
    await peer.until('rejected', 3);
    await knows.restart();
    await roundTrip(await opening);
  });

  it('dials the next server at once under waitOnFirstConnect when the first is down', async () => {
    const up = await serverForTest({ config: users({ svc: 'secret' }) });
    const down = await serverForTest();
    await down.stop();
    const peer = new Peer(tested, {
      provide,
      // The first one again would be ten minutes away.
      options: {
        servers: [down.url, up.url],
        noRandomize: true,
        waitOnFirstConnect: true,
        reconnectTimeWait: 600_000,
      },
    });
    await roundTrip(await peer.open());
  });

  it('goes where there is room when one server has none', async () => {
    const full = await serverForTest({ config: `max_connections: 1\n${users({ svc: 'secret' })}` });
    const room = await serverForTest({ config: users({ svc: 'secret' }) });
    const plain = await tested.plainConnect({ servers: full.url, user: 'svc', pass: 'secret' });
    onTestFinished(() => plain.close());
    for (const waitOnFirstConnect of [false, true]) {
      const options = { servers: [full.url, room.url], noRandomize: true, waitOnFirstConnect };
      await roundTrip(await new Peer(tested, { provide, options }).open());
    }
  });

  it('comes back on the one that still knows them when the other has lost its users', async () => {
    const first = await serverForTest({ config: users({ svc: 'secret' }) });
    const second = await serverForTest({ config: users({ svc: 'secret' }) });
    const proxy = await startFaultProxy(first);
    onTestFinished(() => proxy.stop());
    const peer = new Peer(tested, {
      provide,
      // Were the second dial kept back by a refusal of the first server, it would come too late for the test.
      options: { servers: [proxy.url, second.url], noRandomize: true },
      rejection: { initialDelay: 300_000, maxDelay: 300_000 },
    });
    const nc = await peer.open();
    // The live connection is lost for another reason: what it showed was good.
    await first.kill();
    await first.restart();
    await first.reload(users({ other: 'x' }));
    await peer.until('connected', 2);
    await roundTrip(nc);
    await eventually(() => peer.server === `127.0.0.1:${second.port}`, {
      what: 'the second server',
    });
  });
});
