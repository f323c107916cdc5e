import { describe, expect, it, onTestFinished } from 'vitest';

import { DRIVERS } from '../drivers/drivers.js';
import { Peer } from '../drivers/peer.js';
import { serverForTest } from '../drivers/servers.js';
import { startFaultProxy } from '../support/fault-proxy.js';
import { Ears } from './harness/ears.js';
import { Secrets } from './harness/secrets.js';

const TOKEN = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0';

/** What NestJS gets to see of a connection, whichever driver it is. */
describe.each(DRIVERS)('$label', (tested) => {
  it('has no secret in its own errors and statuses when the server quotes one', async () => {
    const proxy = await startFaultProxy(await serverForTest());
    onTestFinished(() => proxy.stop());
    const [ears, secrets] = [new Ears(), new Secrets()];
    onTestFinished(() => ears.close());
    const provide = () => ({ user: 'svc', pass: secrets.word('password') });
    const peer = new Peer(tested, { provide, options: { servers: proxy.url } });
    const nc = await peer.open();
    void (async () => {
      for await (const status of nc.status()) ears.hear('status', status);
    })();
    const quoted = secrets.word('quoted');
    proxy.inject(`-ERR 'User Authentication Expired: ${TOKEN}.${quoted}'\r\n`);
    await peer.until('rejected', 1);
    proxy.breakOpen('reset');
    await peer.until('connected', 2);
    for (const { name, event } of peer.events) ears.hear(`event ${name}`, event);
    ears.hear('inspection', nc, peer.connection, peer.source);
    expect(ears.at('event rejected')).toContain('Expired: [redacted]');
    await peer.close();
    ears.hear('inspection', nc, peer.connection);
    ears.close();
    ears.expectNo(secrets, 'status', 'event', 'inspection');
  });
});
