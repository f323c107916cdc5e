import { Controller, Logger, type INestMicroservice } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { connect } from '@nats-io/transport-node';
import { type NatsAuthModuleOptions, NatsAuthService } from 'nestjs-nats-auth';
import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { finalize, firstValueFrom, interval, NEVER, type Observable, retry, startWith } from 'rxjs';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';

import { createClient } from '../../parity/harness/transports.js';
import { serverForTest } from '../../support/server-for-test.js';
import { serviceOf, startClient, startService } from '../nest/app.js';

let live = 0;
let begun = 0;

function counted<T>(stream: Observable<T>): Observable<T> {
  live++;
  begun++;
  return stream.pipe(finalize(() => live--));
}

let release: () => void;
let held: Promise<void>;

@Controller()
class Streams {
  @MessagePattern('silent')
  silent() {
    return counted(NEVER.pipe(startWith('first')));
  }

  @MessagePattern('ticking')
  ticking() {
    return counted(interval(20));
  }

  @MessagePattern('late')
  async late() {
    begun++;
    await held;
    begun++;
    return counted(NEVER);
  }
}

describe('a stream that nobody hears any more is torn down', () => {
  let server: NatsServer;
  let options: NatsAuthModuleOptions;
  let app: INestMicroservice;

  const CUT_OFF = { status: 'error', code: 'DISCONNECTED' };

  beforeEach(async () => {
    live = begun = 0;
    held = new Promise((resolve) => (release = resolve));
    server = await serverForTest({
      config: 'authorization { users: [ { user: svc, password: secret } ] }\n',
    });
    options = {
      connection: { servers: server.url },
      rotation: { timeout: 50 },
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    };
    app = await startService(options, { controllers: [Streams] });
  });

  /** A caller of another application that waits for the stream, and calls again when it fails. */
  async function call(pattern: string, again = { count: 0 }) {
    const client = await startClient(options);
    const told = { values: 0, errors: [] as unknown[], completed: false, client };
    const stream = client.send(pattern, {}).pipe(retry(again));
    const subscription = stream.subscribe({
      next: () => told.values++,
      error: (error) => told.errors.push(error),
      complete: () => (told.completed = true),
    });
    onTestFinished(() => subscription.unsubscribe());
    await eventually(() => told.values > 0, { what: 'the first value' });
    return told;
  }

  it.each(['silent', 'ticking'])('when its service has rotated: %s', async (pattern) => {
    await call(pattern, { count: Infinity });
    for (let rotation = 1; rotation <= 5; rotation++) {
      await app.get(NatsAuthService).rotate();
      await eventually(() => begun === rotation + 1, { what: 'the next call' });
    }
    await eventually(() => live === 1, { what: 'one stream' });
  });

  it('when its caller has rotated, has closed, or is of the stock transport and has unsubscribed', async () => {
    const { client: rotating } = await call('ticking', { count: Infinity });
    for (let rotation = 1; rotation <= 5; rotation++) {
      await serviceOf(rotating).rotate();
      await eventually(() => begun === rotation + 1, { what: 'the next call' });
    }
    const { client: closing } = await call('ticking');
    await closing.close();
    const { app: other, client: stock } = await createClient('stock', { servers: server.url });
    onTestFinished(() => other.close());
    await firstValueFrom(stock.send('ticking', {}));
    expect(begun).toBe(8);
    // What the first caller calls now is all that somebody hears.
    await eventually(() => live === 1, { what: 'one stream' });
  });

  it('not when its service may not ask who hears it, which is told once', async () => {
    await app.close();
    await server.reload(
      'authorization { users: [ { user: svc, password: secret }, { user: narrow, password: secret,' +
        ' permissions: { subscribe: [ticking, silent, late], publish: "_INBOX.>" } } ] }\n',
    );
    const denied: string[] = [];
    const error = vi
      .spyOn(Logger.prototype, 'error')
      .mockImplementation((line) => void denied.push(String(line)));
    onTestFinished(() => error.mockRestore());
    const narrow = {
      ...options,
      userInfoProvider: { getUserInfo: () => ({ user: 'narrow', pass: 'secret' }) },
    };
    const service = await startService(narrow, { controllers: [Streams] });
    const one = await call('ticking', { count: Infinity });
    const other = await call('ticking', { count: Infinity });
    await eventually(() => denied.length > 0, { what: 'the line' });
    const nats = service.get(NatsAuthService);
    await nats.rotate();
    await eventually(() => begun === 4, { what: 'both to call again' });
    const values = one.values + other.values;
    await eventually(() => one.values + other.values > values + 150, {
      what: 'more than a second of values',
    });
    // It is no handler that the server refused.
    expect(nats.status.connections.server?.refusedSubscriptions ?? []).toEqual([]);
    expect(denied).toEqual([expect.stringContaining('Permissions Violation for Subscription to "_INBOX.')]);
    expect(live).toBe(2);
  });

  it.each([
    ['gracefully', true],
    ['at once', false],
  ])('when its service closes %s, and its caller hears so', async (_, gracefulShutdown) => {
    const connection = { ...options.connection, gracefulShutdown, gracePeriod: 50 };
    const other = await startService({ ...options, connection }, { controllers: [Streams] });
    await app.close();
    const told = await call('silent');
    await other.close();
    expect(live).toBe(0);
    await eventually(() => told.errors.length === 1, { what: 'the error' });
    expect(told).toMatchObject({ values: 1, errors: [CUT_OFF], completed: false });
  });

  it('when it begins after its service has closed', async () => {
    const client = await startClient(options);
    client.send('late', {}).subscribe({ error: () => {} });
    await eventually(() => begun === 1, { what: 'the handler' });
    await app.close();
    release();
    await eventually(() => begun === 3 && live === 0, { what: 'no stream' });
  });

  it('but goes on for a caller that stays, which hears where its absence would be told', async () => {
    const peer = await connect({ servers: server.url, user: 'svc', pass: 'secret' });
    onTestFinished(() => peer.close());
    const replies: string[] = [];
    let packets = 0;
    peer.subscribe('inbox', {
      callback: (_, { reply }) => {
        packets++;
        if (reply) replies.push(reply);
      },
    });
    peer.publish('ticking', '{"id":"1","data":{}}', { reply: 'inbox' });
    await eventually(() => replies.length === 2, { what: 'two packets with a reply subject' });
    expect(packets).toBeGreaterThan(2);
    expect(new Set(replies).size).toBe(1);
    expect(live).toBe(1);
  });
});
