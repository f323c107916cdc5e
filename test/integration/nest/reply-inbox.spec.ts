import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { connect } from '@nats-io/transport-node';
import type { NatsAuthModuleOptions } from 'nestjs-nats-auth';
import { eventually, type NatsServer, startNatsServer } from 'nestjs-nats-auth/testing';
import { concatMap, firstValueFrom, from, lastValueFrom, of, take, throwError, timer, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { startFaultProxy } from '../../support/fault-proxy.js';
import { serviceOf, startClient, startService } from './app.js';

@Controller()
class Responder {
  @MessagePattern('echo')
  echo(@Payload() data: unknown) {
    return data;
  }

  @MessagePattern('late')
  async late(@Payload() ms: number) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return 'late';
  }

  @MessagePattern('slowly')
  slowly() {
    return from([1, 2, 3]).pipe(concatMap((n) => timer(20).pipe(concatMap(() => of(n)))));
  }

  @MessagePattern('fails')
  fails() {
    return throwError(() => new Error('no such order'));
  }
}

const REQUESTER = 'the requester';
const SERVER = `authorization { users: [
  { user: svc, password: secret, permissions: { publish: { deny: "secret.>" } } }, { user: watcher, password: secret }
] }\n`;

describe.each(['shared', 'perRequest'] as const)('with `client.inbox: %s`', (inbox) => {
  let server: NatsServer;
  let options: NatsAuthModuleOptions;

  beforeEach(async () => {
    server = await startNatsServer({ config: SERVER });
    options = {
      connection: { servers: server.url, name: REQUESTER, reconnectTimeWait: 20, reconnectJitter: 0 },
      client: { inbox },
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    };
  });
  afterEach(() => server.stop());

  const serve = () =>
    startService(
      { ...options, connection: { ...options.connection, name: 'svc' } },
      { controllers: [Responder] },
    );
  /** What the server knows of the client's subscriptions. */
  const subscriptions = async () =>
    (await server.connections()).find(({ name }) => name === REQUESTER)?.subscriptions_list ?? [];
  const kept = inbox === 'shared' ? 1 : 0;

  it('answers, streams, and passes the errors of handlers on', async () => {
    await serve();
    const client = await startClient(options);
    expect(await firstValueFrom(client.send('echo', { id: 1 }))).toEqual({ id: 1 });
    expect(await lastValueFrom(client.send('slowly', 0).pipe(toArray()))).toEqual([1, 2, 3]);
    await expect(firstValueFrom(client.send('fails', 0))).rejects.toMatchObject({ status: 'error' });
    await eventually(async () => (await subscriptions()).length === kept, { what: 'nothing to be left' });
  });

  it('forgets a request that its caller gives up, also in the middle of a stream', async () => {
    await serve();
    const client = await startClient(options);
    expect(await lastValueFrom(client.send('slowly', 0).pipe(take(2), toArray()))).toEqual([1, 2]);
    const waiting = client.send('late', 60_000).subscribe();
    await eventually(async () => (await subscriptions()).length === 1, { what: 'the subscription' });
    waiting.unsubscribe();
    await eventually(async () => (await subscriptions()).length === kept, { what: 'nothing to be left' });
    // A rotation waits for requests that are pending: there are none.
    let cutOff = 0;
    serviceOf(client).on('cutOff', () => cutOff++);
    await serviceOf(client).rotate();
    expect(cutOff).toBe(0);
  });

  it('keeps to an inbox prefix, and to subjects below it that nobody can guess', async () => {
    await serve();
    const connection = { ...options.connection, inboxPrefix: '_SHOP.orders' };
    const client = await startClient({ ...options, connection });
    const watcher = await connect({ servers: server.url, user: 'watcher', pass: 'secret' });
    onTestFinished(() => watcher.close());
    const replies: string[] = [];
    watcher.subscribe('_SHOP.orders.>', { callback: (_, { subject }) => void replies.push(subject) });
    await watcher.flush();
    for (let n = 1; n <= 50; n++) await firstValueFrom(client.send('echo', n));
    await eventually(() => replies.length === 50, { what: 'the replies' });
    const token =
      inbox === 'shared' ? /^_SHOP\.orders\.([\w-]{16})\.[\w-]{16}$/ : /^_SHOP\.orders\.[\w-]{16}$/;
    expect(replies.filter((subject) => !token.test(subject))).toEqual([]);
    expect(new Set(replies).size).toBe(50);
  });

  it('gets a reply that comes after a reconnect', async () => {
    await serve();
    const proxy = await startFaultProxy(server);
    onTestFinished(() => proxy.stop());
    const client = await startClient({
      ...options,
      connection: { ...options.connection, servers: proxy.url },
    });
    await client.connect();
    const answer = firstValueFrom(client.send('late', 500));
    await eventually(async () => (await subscriptions()).length === 1, { what: 'the subscription' });
    proxy.breakOpen('reset');
    expect(await answer).toBe('late');
    expect(proxy.accepted).toBe(2);
  });

  it('gets a reply that comes while the client hands over, and one to a request after that', async () => {
    await serve();
    const client = await startClient(options);
    await client.connect();
    const answer = firstValueFrom(client.send('late', 300));
    await eventually(async () => (await subscriptions()).length === 1, { what: 'the subscription' });
    const rotated = serviceOf(client).rotate();
    expect(await answer).toBe('late');
    await rotated;
    expect(await firstValueFrom(client.send('echo', 'after'))).toBe('after');
  });

  it('fails a request at once whose publish is refused, and one that nobody answers', async () => {
    const client = await startClient(options);
    await expect(firstValueFrom(client.send('secret.plans', 1))).rejects.toMatchObject({
      code: 'PUBLISH_REFUSED',
    });
    await expect(firstValueFrom(client.send('nobody', 1))).rejects.toThrow(/[Ee]mpty response/);
    await eventually(async () => (await subscriptions()).length === kept, { what: 'nothing to be left' });
  });
});
