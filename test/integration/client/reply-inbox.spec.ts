import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { NatsAuthModuleOptions } from 'nestjs-nats-auth';
import { eventually, type NatsServer, startNatsServer } from 'nestjs-nats-auth/testing';
import { concatMap, firstValueFrom, from, lastValueFrom, of, take, throwError, timer, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { startFaultProxy } from '../../support/fault-proxy.js';
import { serviceOf, startClient, startService } from '../nest/app.js';

/** Lets the handler that waits answer. */
let answerLate: (() => void) | undefined;

@Controller()
class Responder {
  @MessagePattern('echo')
  echo(@Payload() data: unknown) {
    return data;
  }

  @MessagePattern('late')
  async late() {
    await new Promise<void>((resolve) => (answerLate = resolve));
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

/** So many that each position of a random token takes most of the 64 characters. */
const MANY = 400;

/** Fails when tokens are counted, or made of something that changes slowly: it would show at a position, or in a neighbour. */
function expectNoPattern(tokens: readonly string[]): void {
  expect(new Set(tokens).size).toBe(tokens.length);
  for (let at = 0; at < 16; at++) expect(new Set(tokens.map((token) => token[at])).size).toBeGreaterThan(48);
  const alike = tokens.filter((token, i) => i > 0 && token.slice(0, 4) === tokens[i - 1]?.slice(0, 4));
  expect(alike).toEqual([]);
}

const REQUESTER = 'the requester';
const SERVER = `authorization { users: [
  { user: svc, password: secret, permissions: { publish: { deny: "secret.>" } } }, { user: watcher, password: secret }
] }\n`;

describe.each(['shared', 'perRequest'] as const)('with `client.inbox: %s`', (inbox) => {
  let server: NatsServer;
  let options: NatsAuthModuleOptions;

  beforeEach(async () => {
    answerLate = undefined;
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
    const waiting = client.send('late', 0).subscribe();
    await eventually(async () => answerLate && (await subscriptions()).length === 1, {
      what: 'the subscription',
    });
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
    const ask = (times: number) =>
      Promise.all(Array.from({ length: times }, (_, n) => firstValueFrom(client.send('echo', n))));
    await ask(MANY);
    await eventually(() => replies.length === MANY, { what: 'the replies' });
    const shape =
      inbox === 'shared' ? /^_SHOP\.orders\.([\w-]{16})\.([\w-]{16})$/ : /^_SHOP\.orders()\.([\w-]{16})$/;
    const parts = replies.map((subject) => shape.exec(subject));
    expect(replies.filter((_, i) => !parts[i])).toEqual([]);
    expectNoPattern(parts.map((part) => part?.[2] ?? ''));
    // All share one inbox, until another connection has one of its own.
    const inboxes = new Set(parts.map((part) => part?.[1]));
    expect(inboxes.size).toBe(1);
    await serviceOf(client).rotate();
    await ask(1);
    await eventually(() => replies.length > MANY, { what: 'a reply on the new connection' });
    const [, next] = shape.exec(replies.at(-1) ?? '') ?? [];
    expect(inboxes.has(next)).toBe(inbox === 'perRequest');
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
    const answer = firstValueFrom(client.send('late', 0));
    const answerNow = await eventually(() => answerLate, { what: 'the handler to begin' });
    proxy.breakOpen('reset');
    // A lost connection knocks before it dials.
    await eventually(async () => proxy.accepted === 3 && (await subscriptions()).length === 1, {
      what: 'the inbox to be subscribed again',
    });
    answerNow();
    expect(await answer).toBe('late');
    expect(proxy.accepted).toBe(3);
  });

  it('gets a reply that comes while the client hands over, and one to a request after that', async () => {
    await serve();
    const client = await startClient(options);
    await client.connect();
    const answer = firstValueFrom(client.send('late', 0));
    const answerNow = await eventually(() => answerLate, { what: 'the handler to begin' });
    const before = client.unwrap();
    const rotated = serviceOf(client).rotate();
    await eventually(() => client.unwrap() !== before, { what: 'the new connection to take over' });
    answerNow();
    expect(await answer).toBe('late');
    await rotated;
    expect(await firstValueFrom(client.send('echo', 'after'))).toBe('after');
  });

  it('fails a request at once whose publish is refused, and one that nobody answers', async () => {
    const client = await startClient(options);
    await client.connect();
    /** The error that is there when the server has answered what was sent, and a flush behind it. */
    const errorOf = async (subject: string) => {
      let error: unknown;
      client.send(subject, 1).subscribe({ error: (thrown: unknown) => (error = thrown) });
      await new Promise(setImmediate);
      await client.unwrap<NatsConnection>().flush();
      return error;
    };
    expect(await errorOf('secret.plans')).toMatchObject({ code: 'PUBLISH_REFUSED' });
    expect(String(await errorOf('nobody'))).toMatch(/[Ee]mpty response/);
    await eventually(async () => (await subscriptions()).length === kept, { what: 'nothing to be left' });
  });
});
