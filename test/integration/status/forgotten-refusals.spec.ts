import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { NatsAuthClient, NatsAuthServer, NatsAuthService } from 'nestjs-nats-auth';
import { firstValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { startService } from '../nest/app.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const WARM_UP = 500;
/** So long that thousands of them cannot hide in what the heap does otherwise. */
const LONG = 'x'.repeat(2_000);
const MOST_GROWTH_BYTES = 2_000_000;

interface Connection {
  subscribe(subject: string, options: { callback: (error: unknown) => void }): unknown;
  flush(): Promise<void>;
}

describe('what the server refuses is not remembered for the life of a connection:', () => {
  let app: Awaited<ReturnType<typeof startService>>;
  beforeEach(async () => {
    const permissions = 'permissions: { subscribe: { deny: "denied.>" } }';
    const server = await serverForTest({
      config: `authorization { users: [ { user: svc, password: secret, ${permissions} } ] }\n`,
    });
    app = await startService(
      {
        connection: { servers: server.url, inboxPrefix: `denied.${LONG.slice(0, 240)}` },
        client: { inbox: 'perRequest' },
        userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
      },
      {},
    );
    await app.get(NatsAuthClient).connect();
  });

  /** In bytes, once garbage is gone. */
  const heap = async () => {
    // What one turn lets go of, the next one collects.
    for (let turn = 0; turn < 3; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      collectGarbage();
    }
    return process.memoryUsage().heapUsed;
  };

  const grown = async (times: number, refuse: (n: number) => Promise<unknown>) => {
    const some = async (from: number, to: number) => {
      for (let n = from; n < to; n += 100)
        await Promise.all(Array.from({ length: 100 }, (_, i) => refuse(n + i)));
    };
    await some(0, WARM_UP);
    const before = await heap();
    await some(WARM_UP, WARM_UP + times);
    return (await heap()) - before;
  };

  const subscribed = (nc: Connection) => (n: number) =>
    new Promise((resolve) => nc.subscribe(`denied.${LONG}.${n}`, { callback: resolve }));

  it('subscriptions of the application on the connection of the server', async () => {
    const nc = app.get(NatsAuthServer).unwrap<Connection>();
    expect(await grown(3_000, subscribed(nc))).toBeLessThan(MOST_GROWTH_BYTES);
    expect(app.get(NatsAuthService).status.connections.server?.refusedSubscriptions ?? []).toEqual([]);
  });

  it('subscriptions of the application on the connection of the client', async () => {
    const nc = app.get(NatsAuthClient).unwrap<Connection>();
    expect(await grown(3_000, subscribed(nc))).toBeLessThan(MOST_GROWTH_BYTES);
  });

  it("the client's inboxes, one for each request", async () => {
    const client = app.get(NatsAuthClient);
    const refused = () => firstValueFrom(client.send('nobody', {})).catch(() => {});
    expect(await grown(10_000, refused)).toBeLessThan(MOST_GROWTH_BYTES);
  });
});
