import { connect } from '@nats-io/transport-node';
import { eventually } from 'nestjs-nats-auth/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { serviceOf, startClient } from '../nest/app.js';

/** Longer than a test: a pause of the provider's backoff that nothing ends. */
const NEVER_MS = 600_000;

describe('a provider that was away together with the server, until the credentials had expired', () => {
  async function bothAway() {
    const server = await serverForTest();
    const pace = { reconnectTimeWait: 200, reconnectJitter: 0 };
    let away = false;
    let calls = 0;
    let changed = () => {};
    const expiresAt = Date.now() + 1_000;
    const client = await startClient({
      connection: { servers: server.url, ...pace },
      refresh: { retry: { initialDelay: NEVER_MS, maxDelay: NEVER_MS }, ahead: false },
      userInfoProvider: {
        getUserInfo: () => {
          calls++;
          if (away) throw new Error('IAM is away');
          return { user: 'svc', pass: 'secret', expiresAt };
        },
        watch: (callback) => {
          changed = callback;
          return () => {};
        },
      },
    });
    await client.connect();
    const plain = await connect({ servers: server.url, maxReconnectAttempts: -1, ...pace });
    onTestFinished(() => plain.close());
    let plainIsBack = false;
    void (async () => {
      for await (const { type } of plain.status()) plainIsBack ||= type === 'reconnect';
    })();
    const nats = serviceOf(client);
    // Until then what it has is presented again, and no call waits.
    let waits = false;
    nats.on('refreshFailed', () => (waits ||= Date.now() > expiresAt));
    away = true;
    await server.kill();
    // An outage alone has one call, at a moment of chance.
    await eventually(() => Date.now() > expiresAt, { what: 'the credentials to expire' });
    nats.refresh().catch(() => undefined);
    await eventually(() => waits, { what: 'the client to wait for its provider' });
    return {
      server,
      calls: () => calls,
      comesBack: () => (away = false),
      changed: () => changed(),
      plainIsBack: () => plainIsBack,
      isBack: () => nats.status.connections.client?.state === 'connected',
      failures: (listener: () => void) => nats.on('refreshFailed', listener),
    };
  }

  it('is asked again as soon as a server answers, as plain nats.js is back then', async () => {
    const { server, comesBack, plainIsBack, isBack, calls } = await bothAway();
    const before = calls();
    comesBack();
    await server.restart();
    await eventually(plainIsBack, { what: 'plain nats.js to be back' });
    await eventually(isBack, { what: 'the client to be back' });
    expect(calls() - before).toBe(1);
  });

  it('that is back later is asked again when it tells of a change, and not before', async () => {
    const { server, comesBack, changed, isBack, calls, failures } = await bothAway();
    const before = calls();
    const failed = new Promise<void>((resolve) => failures(resolve));
    await server.restart();
    await failed;
    comesBack();
    expect(calls() - before).toBe(1);
    changed();
    await eventually(isBack, { what: 'the client to be back' });
  });
});
