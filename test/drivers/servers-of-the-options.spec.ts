import { describe, expect, it } from 'vitest';

import { eventually } from '../../libs/testing/index.js';
import { resolveName } from '../support/host-names.js';
import { DRIVERS } from './drivers.js';
import { Peer, roundTrip } from './peer.js';
import { serverForTest, users } from './servers.js';

describe.each(DRIVERS)('$label', (tested) => {
  it('asks for a name that cannot be resolved no more often than it may dial', async () => {
    const names = { known: true };
    const asked = resolveName('nats.test', () => (names.known ? ['127.0.0.1'] : []));
    const server = await serverForTest({ config: users({ svc: 'secret' }) });
    const peer = new Peer(tested, {
      provide: () => ({ user: 'svc', pass: 'secret' }),
      options: {
        servers: `nats.test:${server.port}`,
        resolve: true,
        reconnectTimeWait: 50,
        reconnectJitter: 0,
      },
    });
    const nc = await peer.open();
    names.known = false;
    const before = asked.times;
    const startedAt = performance.now();
    await server.kill();
    await eventually(() => asked.times >= before + 5, { what: 'names to be asked for' });
    const turns = Math.ceil((performance.now() - startedAt) / 50);
    // Where a name is not looked up before the dial, the dial looks it up.
    expect(asked.times - before).toBeLessThanOrEqual(3 * (turns + 1));
    names.known = true;
    await server.restart();
    await peer.until('connected', 2);
    await roundTrip(nc);
  });

  it('fails a first connect with what one address said, though the name has another', async () => {
    resolveName('nats.test', () => ['127.0.0.1', '127.0.0.2']);
    const server = await serverForTest({ config: users({ svc: 'secret' }) });
    const peer = new Peer(tested, {
      provide: () => ({ user: 'svc', pass: 'wrong' }),
      options: { servers: `nats.test:${server.port}`, resolve: true, noRandomize: true },
      rejection: { maxOnConnect: 2, initialDelay: 1 },
    });
    await expect(peer.open()).rejects.toMatchObject({ code: 'REJECTED' });
    expect(peer.requests).toHaveLength(2);
  });

  it('calls a failing provider no more often because a name has two addresses', async () => {
    resolveName('nats.test', () => ['127.0.0.1', '127.0.0.2']);
    const server = await serverForTest();
    const peer = new Peer(tested, {
      provide: () => Promise.reject(new Error('IAM is down')),
      options: { servers: `nats.test:${server.port}`, resolve: true },
      refresh: { retry: { maxAttempts: 3, initialDelay: 1 } },
    });
    await expect(peer.open()).rejects.toMatchObject({ code: 'USER_INFO_UNAVAILABLE' });
    expect(peer.requests).toHaveLength(3);
  });

  it('fails a first connect with what one server said, though another is down', async () => {
    const server = await serverForTest({ config: `max_connections: 0\n${users({ svc: 'secret' })}` });
    const down = await serverForTest();
    await down.stop();
    await server.reload(`max_connections: 1\n${users({ svc: 'secret' })}`);
    const plain = await tested.plainConnect({ servers: server.url, user: 'svc', pass: 'secret' });
    const peer = new Peer(tested, {
      provide: () => ({ user: 'svc', pass: 'secret' }),
      options: { servers: [server.url, down.url], noRandomize: true },
    });
    await expect(peer.open()).rejects.toThrow(/maximum connections exceeded/);
    await plain.close();
  });

  it('dials a server that was down at the first connect when the other one ends', async () => {
    const config = users({ svc: 'secret' });
    const [down, up] = [await serverForTest({ config }), await serverForTest({ config })];
    await down.kill();
    const peer = new Peer(tested, {
      provide: () => ({ user: 'svc', pass: 'secret' }),
      options: { servers: [down.url, up.url], noRandomize: true },
    });
    const nc = await peer.open();
    await down.restart();
    await up.kill();
    await peer.until('connected', 2);
    await roundTrip(nc);
    expect(peer.server).toBe(`127.0.0.1:${down.port}`);
  });

  it('tells no rejection of long ago as the reason why a connection was lost', async () => {
    const server = await serverForTest({ config: users({ svc: 'secret' }) });
    const passwords = ['wrong', 'secret'];
    const peer = new Peer(tested, {
      provide: () => ({ user: 'svc', pass: passwords.shift() ?? 'secret' }),
      options: { servers: server.url },
    });
    await peer.open();
    await server.kill();
    await peer.until('disconnected', 1);
    expect(String(peer.all('disconnected')[0]?.error)).not.toMatch(/authorization/i);
  });

  it('takes the refusal of a subject named after authorization for no rejection', async () => {
    const permissions = 'permissions: { publish: { deny: "authorization.check" } }';
    const server = await serverForTest({
      config: `authorization { users: [ { user: svc, password: secret, ${permissions} } ] }\n`,
    });
    const peer = new Peer(tested, {
      provide: () => ({ user: 'svc', pass: 'secret' }),
      options: { servers: server.url },
    });
    const nc = await peer.open();
    nc.publish('authorization.check');
    await nc.flush();
    await roundTrip(nc);
    expect(peer.all('rejected')).toEqual([]);
    expect(peer.source.current).toBeDefined();
  });
});
