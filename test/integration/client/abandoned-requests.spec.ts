import { setFlagsFromString } from 'node:v8';
import { setImmediate as turn } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';

import { connect } from '@nats-io/transport-node';
import type { NatsAuthClient } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import { expect, it, onTestFinished } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { serviceOf, startClient } from '../nest/app.js';

const AT_ONCE = 1_000;
const SOME = 50_000;
const MANY = 200_000;
/** What a run of the collector leaves or takes by chance; one request that stays takes more than 100 bytes. */
const NOISE_BYTES = 4 * 2 ** 20;

// As `node --expose-gc` would, in this process, which is the test's own.
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

it.each(['shared', 'perRequest'] as const)(
  'hundreds of thousands of requests that are given up leave nothing behind (client.inbox: %s)',
  async (inbox) => {
    const server = await serverForTest();
    // Hears every request and answers none.
    const silent = await connect({ servers: server.url });
    onTestFinished(() => silent.close());
    let heard = 0;
    silent.subscribe('silence', {
      callback: () => {
        heard++;
      },
    });
    await silent.flush();
    const client = await startClient({
      connection: { servers: server.url, name: 'impatient' },
      client: { inbox },
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    });
    await client.connect();

    await giveUp(client, SOME);
    const afterSome = await heapUsed();
    await giveUp(client, MANY - SOME);
    const afterMany = await heapUsed();

    await eventually(() => heard === MANY, { what: 'every request to be heard', timeoutMs: 30_000 });
    expect(afterMany - afterSome).toBeLessThan(NOISE_BYTES);
    await eventually(
      async () => {
        const connections = await server.connections();
        const own = connections.find(({ name }) => name === 'impatient')?.subscriptions_list ?? [];
        return own.length === (inbox === 'shared' ? 1 : 0);
      },
      { what: 'no subscription of a request to be left' },
    );
    // A handover waits for requests that are pending, and tells of those that it cuts off: there are none.
    let cutOff = 0;
    serviceOf(client).on('cutOff', () => cutOff++);
    await serviceOf(client).rotate();
    expect(cutOff).toBe(0);
  },
  180_000,
);

async function giveUp(client: NatsAuthClient, requests: number): Promise<void> {
  for (let sent = 0; sent < requests; sent += AT_ONCE) {
    const waiting = Array.from({ length: AT_ONCE }, (_, n) => client.send('silence', n).subscribe());
    await turn();
    for (const request of waiting) request.unsubscribe();
    // The socket writes what it can; it must not be outrun.
    if (sent % (20 * AT_ONCE) === 0) await client.unwrap<{ flush(): Promise<void> }>().flush();
  }
  await client.unwrap<{ flush(): Promise<void> }>().flush();
}

async function heapUsed(): Promise<number> {
  for (let run = 0; run < 3; run++) {
    await turn();
    collectGarbage();
  }
  return process.memoryUsage().heapUsed;
}
