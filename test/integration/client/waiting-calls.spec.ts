import type { NatsAuthClient } from 'nestjs-nats-auth';
import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { firstValueFrom, lastValueFrom, type Observable, timeout } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { serviceOf, startClient } from '../nest/app.js';

const MAX_WAITING = 3;

describe('client.maxWaiting', () => {
  let server: NatsServer;
  let client: NatsAuthClient;

  beforeEach(async () => {
    server = await serverForTest();
    client = await startClient({
      connection: { servers: server.url, reconnectTimeWait: 50, reconnectJitter: 0 },
      client: { maxWaiting: MAX_WAITING },
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

/** What the server's monitoring counts. */
interface Counted {
  readonly in_msgs?: number;
}

/** As many calls as may wait, whose callers do not wait for long. */
async function givenUp(call: (n: number) => Observable<unknown>): Promise<void> {
  const calls = times(MAX_WAITING, (n) => lastValueFrom(call(n).pipe(timeout(20))).catch(String));
  for (const outcome of await Promise.all(calls)) expect(outcome).toMatch(/Timeout/);
}

function times<T>(n: number, make: (n: number) => T): T[] {
  return Array.from({ length: n }, (_, index) => make(index));
}
