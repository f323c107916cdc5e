import { setTimeout as pause } from 'node:timers/promises';

import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { NatsAuthClient } from 'nestjs-nats-auth';
import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { lastValueFrom, tap } from 'rxjs';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { serviceOf, startClient } from '../nest/app.js';

const DISCONNECTED = { status: 'rejected', reason: { code: 'DISCONNECTED' } };
const REPLY_AFTER_LOSS_MS = 200;
const PER_MOMENT = 10;

describe.each(['shared', 'perRequest'] as const)(
  'a request that is under way (client.inbox: %s)',
  (inbox) => {
    let server: NatsServer;

    beforeEach(async () => {
      server = await serverForTest();
    });

    async function connected(
      replyAfterLoss: number | false,
      mode: 'handover' | 'reconnect' = 'handover',
    ): Promise<NatsAuthClient> {
      const client = await startClient({
        connection: { servers: server.url, reconnectTimeWait: 20, reconnectJitter: 0 },
        client: { replyAfterLoss, inbox },
        rotation: { mode, timeout: 100 },
        userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
      });
      await client.connect();
      return client;
    }

    /** Requests that a peer has heard and does not answer. */
    async function underWay(client: NatsAuthClient, requests: number): Promise<Promise<unknown>[]> {
      const heard = await silentPeer(server);
      const sent = times(requests, () => lastValueFrom(client.send('silence', 1)));
      for (const request of sent) request.catch(() => {});
      await eventually(() => heard() === requests, { what: 'the requests to be heard' });
      return sent;
    }

    it('fails when its server is killed, whenever it was sent', async () => {
      const client = await connected(REPLY_AFTER_LOSS_MS);
      await silentPeer(server);
      const requests: Promise<unknown>[] = [];
      // 320, 20 and 0 ms before.
      for (const wait of [300, 20, 0]) {
        requests.push(...times(PER_MOMENT, () => lastValueFrom(client.send('silence', wait))));
        for (const request of requests) request.catch(() => {});
        await pause(wait);
      }
      await server.kill();
      const outcomes = await Promise.allSettled(requests);
      expect(outcomes).toHaveLength(3 * PER_MOMENT);
      for (const outcome of outcomes) expect(outcome).toMatchObject(DISCONNECTED);
    });

    it('fails after a reconnect as well, when no answer has come', async () => {
      const client = await connected(REPLY_AFTER_LOSS_MS);
      const [request] = await underWay(client, 1);
      await server.restart();
      await expect(request).rejects.toMatchObject({ code: 'DISCONNECTED' });
    });

    it('fails on a connection that is reconnected by a rotation', async () => {
      const client = await connected(REPLY_AFTER_LOSS_MS, 'reconnect');
      const [request] = await underWay(client, 1);
      const rotation = serviceOf(client).rotate();
      // On a busy machine the dial may take longer than the rotation waits for it.
      rotation.catch(() => {});
      await expect(request).rejects.toMatchObject({ code: 'DISCONNECTED' });
      await Promise.allSettled([rotation]);
    });

    it('fails on a connection that was handed over from', async () => {
      // The end of the connection tells it, and no time.
      const client = await connected(false);
      const [request] = await underWay(client, 1);
      const before: unknown = client.unwrap();
      const rotation = serviceOf(client).rotate();
      await eventually(() => client.unwrap() !== before, { what: 'the new connection to take over' });
      await server.kill();
      await expect(request).rejects.toMatchObject({ code: 'DISCONNECTED' });
      await rotation;
    });

    it('fails at once when the server ends the connection over a message', async () => {
      const client = await connected(false);
      const [request] = await underWay(client, 1);
      // Past nats.js's own checks, so that the server sees what no client of this package would send.
      client.unwrap<Internals>().protocol.sendCommand('NONSENSE\r\n');
      await expect(request).rejects.toThrow(/Unknown Protocol Operation/);
    });

    it('goes on when it hears from its responder after the reconnect', async () => {
      const client = await connected(REPLY_AFTER_LOSS_MS);
      const peer = await connect({ servers: server.url });
      onTestFinished(() => peer.close());
      let answer: ((response: string) => void) | undefined;
      peer.subscribe('stream', {
        callback: (_, message) => {
          const { id } = message.json<{ id: string }>();
          answer = (response) => {
            message.respond(JSON.stringify({ id, response, isDisposed: response === 'last' }));
          };
        },
      });
      await peer.flush();
      const values: string[] = [];
      const stream = lastValueFrom(client.send<string>('stream', 1).pipe(tap((value) => values.push(value))));
      const tell = await eventually(() => answer, { what: 'the request to be heard' });
      tell('first');
      await eventually(() => values.length === 1, { what: 'the first value' });
      await dropped(server, client);
      tell('second');
      // Longer than the wait that the second one ended.
      await pause(REPLY_AFTER_LOSS_MS * 2);
      tell('last');
      await stream;
      expect(values).toEqual(['first', 'second', 'last']);
    });
  },
);

it.each([
  [
    'its subject is too long for it',
    'maximum control line exceeded',
    { subject: 'x'.repeat(1_000), length: 1 },
  ],
  ['it is too large for it', 'Maximum Payload Violation', { subject: 'silence', length: 2_000 }],
])('a message that ends the connection fails at once: %s', async (_, words, { subject, length }) => {
  const server = await serverForTest({ config: 'max_control_line: 800\nmax_payload: 1500\n' });
  const client = await startClient({
    connection: { servers: server.url, reconnectTimeWait: 20, reconnectJitter: 0 },
    client: { replyAfterLoss: false },
    userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
  });
  await client.connect();
  await silentPeer(server);
  // nats.js refuses what is larger than the server said; a limit of an account it may not know.
  client.unwrap<Internals>().protocol.info.max_payload = 2 ** 30;
  const request = lastValueFrom(client.send(subject, 'x'.repeat(length)));
  await expect(request).rejects.toMatchObject({
    code: 'DISCONNECTED',
    message: expect.stringContaining(words) as string,
  });
});

/** The part of nats.js's own that these tests use. */
interface Internals {
  readonly protocol: {
    sendCommand(line: string): void;
    readonly info: { max_payload: number };
  };
}

/** Hears requests and answers none; gives how many it has heard. */
async function silentPeer(server: NatsServer): Promise<() => number> {
  const peer: NatsConnection = await connect({ servers: server.url });
  onTestFinished(() => peer.close());
  let heard = 0;
  peer.subscribe('silence', {
    callback: () => {
      heard++;
    },
  });
  await peer.flush();
  return () => heard;
}

/** The client's own connection breaks; it is there again. */
async function dropped(server: NatsServer, client: NatsAuthClient): Promise<void> {
  const reconnected = new Promise<void>((resolve) => {
    serviceOf(client).on('connected', () => resolve());
  });
  client
    .unwrap<{ protocol: { transport: { socket: { destroy(): void } } } }>()
    .protocol.transport.socket.destroy();
  await reconnected;
  await client.unwrap<NatsConnection>().flush();
  expect((await server.connections()).length).toBeGreaterThan(0);
}

function times<T>(n: number, make: (n: number) => T): T[] {
  return Array.from({ length: n }, (_, index) => make(index));
}
