import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { NatsAuthClient } from 'nestjs-nats-auth';
import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { firstValueFrom, lastValueFrom, type Observable, timeout } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { serviceOf, startClient } from '../nest/app.js';

const MAX_WAITING = 3;

// As `node --expose-gc` would, in this process, which is the test's own.
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe('client.maxWaiting', () => {
  let server: NatsServer;
  let client: NatsAuthClient;

  beforeEach(async () => {
    server = await serverForTest();
    client = await startClient({
      connection: { servers: server.url, reconnectTimeWait: 50, reconnectJitter: 0 },
      client: { maxWaiting: MAX_WAITING, awaitResponders: 0 },
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    });
    await client.connect();
    await server.kill();
    await eventually(() => serviceOf(client).status.connections.client?.state === 'disconnected', {
      what: 'the client to notice',
    });
  });

  it('counts no request whose caller has given up', async () => {
    await givenUp((n) => client.send('echo', n));
    const waiting = times(MAX_WAITING, (n) => firstValueFrom(client.send('echo', n)).catch(String));
    await expect(firstValueFrom(client.send('echo', 'one more'))).rejects.toThrow(
      /3 calls wait .*maxWaiting/,
    );
    await server.restart();
    // They were sent, and there is no responder.
    for (const request of waiting) expect(await request).toMatch(/Empty response/);
  });

  it('counts an event that nobody waits for any more: it is still going to be handed over', async () => {
    await givenUp((n) => client.emit('told', n));
    await expect(lastValueFrom(client.emit('told', 'one more'))).rejects.toThrow(/maxWaiting/);
    await server.restart();
    const handedOver = async () => (await server.connections()).map((of) => (of as Counted).in_msgs).join();
    await eventually(async () => (await handedOver()) === String(MAX_WAITING), {
      what: 'the events to be handed over',
    });
  });
});

describe.each(['wait', 'fail'] as const)(
  'before the first connect (whileDisconnected: %s)',
  (whileDisconnected) => {
    let connect: () => void;
    let client: NatsAuthClient;

    beforeEach(async () => {
      const server = await serverForTest();
      const allowed = new Promise<void>((resolve) => (connect = resolve));
      client = await startClient({
        connection: { servers: server.url },
        client: { maxWaiting: MAX_WAITING, whileDisconnected },
        refresh: { timeout: 60_000 },
        userInfoProvider: {
          getUserInfo: async () => {
            await allowed;
            return { user: 'svc', pass: 'secret' };
          },
        },
      });
    });

    it('so many calls wait and no more, and those go out', async () => {
      const waiting = times(MAX_WAITING, (n) => lastValueFrom(client.emit('told', n)));
      await expect(lastValueFrom(client.emit('told', 'one more'))).rejects.toThrow(
        /3 calls wait .*maxWaiting/,
      );
      await expect(firstValueFrom(client.send('echo', 'one more'))).rejects.toMatchObject({
        code: 'DISCONNECTED',
      });
      connect();
      await Promise.all(waiting);
    });

    it('a request whose caller has given up counts no more, and takes no memory', async () => {
      /** So much that a few of them would be seen. */
      const payload = () => 'x'.repeat(1_000);
      await giveUpInTurn(2_000, () => client.send('echo', { payload: payload() }));
      const before = await heapUsed();
      await giveUpInTurn(20_000, () => client.send('echo', { payload: payload() }));
      // 20,000 of them had taken 20 MB.
      expect((await heapUsed()) - before).toBeLessThan(4 * 2 ** 20);
      connect();
      await client.connect();
    });
  },
);

it('calls that wait for a first connect that fails get its error, and the next one tries anew', async () => {
  const server = await serverForTest();
  let allowed = false;
  const client = await startClient({
    connection: { servers: server.url },
    refresh: { retry: { maxAttempts: 1 } },
    userInfoProvider: {
      getUserInfo: () =>
        allowed ? { user: 'svc', pass: 'secret' } : Promise.reject(new Error('IAM is down')),
    },
  });
  const failing = [
    client.connect(),
    firstValueFrom(client.send('echo', 1)),
    lastValueFrom(client.emit('told', 1)),
  ];
  for (const outcome of await Promise.allSettled(failing))
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'USER_INFO_UNAVAILABLE' } });
  allowed = true;
  await client.connect();
});

/** What the server's monitoring counts. */
interface Counted {
  readonly in_msgs?: number;
}

/** As many calls as may wait, whose callers do not wait for long. */
async function givenUp(call: (n: number) => Observable<unknown>): Promise<void> {
  const calls = times(MAX_WAITING, (n) => lastValueFrom(call(n).pipe(timeout(20))).catch(String));
  for (const outcome of await Promise.all(calls)) expect(outcome).toMatch(/Timeout/);
}

/** So many calls, one turn of the event loop each; none gets anywhere. */
async function giveUpInTurn(calls: number, call: () => Observable<unknown>): Promise<void> {
  for (let n = 0; n < calls; n++) {
    const waiting = call().subscribe();
    if (n % 100 === 0) await turn();
    waiting.unsubscribe();
  }
}

async function heapUsed(): Promise<number> {
  for (let run = 0; run < 3; run++) {
    await turn();
    collectGarbage();
  }
  return process.memoryUsage().heapUsed;
}

function times<T>(n: number, make: (n: number) => T): T[] {
  return Array.from({ length: n }, (_, index) => make(index));
}
