import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { type NatsAuthClient, NatsAuthService, type NatsAuthModuleOptions } from 'nestjs-nats-auth';
import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import { catchError, lastValueFrom, map, type Observable, of, tap, toArray } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { serviceOf, startClient, startService } from '../nest/app.js';
import { requestOf } from './observed-app.js';

const CONFIG =
  'authorization { users: [ { user: svc, password: secret, permissions: { publish: { deny: [ "secret" ] } } } ] }\n';

let finishSlow = () => {};
let slow = 0;

@Controller()
class Handlers {
  @MessagePattern('echo')
  echo(data: unknown) {
    return data;
  }

  @MessagePattern('stream')
  stream() {
    return of(1, 2, 3);
  }

  @MessagePattern('fail')
  fail() {
    throw new Error('of the handler');
  }

  @MessagePattern('slow')
  async slow() {
    slow++;
    await new Promise<void>((resolve) => {
      const before = finishSlow;
      finishSlow = () => {
        before();
        resolve();
      };
    });
    return 'done';
  }
}

/** Calls in three requests at once; gives the requests that each of its parts ran in. */
async function inRequests(call: () => Observable<unknown>): Promise<Record<string, string[]>> {
  const seen: Record<string, string[]> = {};
  await Promise.all(
    ['first', 'second', 'third'].map((name) => {
      const note = (part: string) => (seen[part] ??= []).push(`${name} in ${requestOf.getStore()}`);
      return requestOf.run(name, () =>
        lastValueFrom(
          call().pipe(
            map((value: unknown) => (note('map'), value)),
            tap({ complete: () => note('complete') }),
            catchError(() => (note('error'), of('failed'))),
            toArray(),
          ),
        ),
      );
    }),
  );
  for (const requests of Object.values(seen)) requests.sort();
  return seen;
}

const EACH = ['first in first', 'second in second', 'third in third'];

describe.each(['shared', 'perRequest'] as const)('of a call in a request, with inbox %s,', (inbox) => {
  let server: NatsServer;
  let options: NatsAuthModuleOptions;
  let client: NatsAuthClient;
  let ownWork: Set<unknown>;

  beforeEach(async () => {
    [slow, finishSlow] = [0, () => {}];
    ownWork = new Set();
    server = await serverForTest({ config: CONFIG });
    options = {
      connection: { servers: server.url, reconnectTimeWait: 20 },
      client: { inbox },
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    };
    const service = await startService(options, { controllers: [Handlers] });
    client = await startClient(options);
    // Anything that the first caller's request went into would show here.
    serviceOf(client).on('connected', () => ownWork.add(requestOf.getStore()));
    expect(service.get(NatsAuthService).status.connections.server?.state).toBe('connected');
  });

  it('the reply keeps it, also to the calls that opened the connection', async () => {
    const seen = await inRequests(() => client.send('echo', 1));
    expect(seen).toEqual({ map: EACH, complete: EACH });
    expect(await inRequests(() => client.send('echo', 2))).toEqual(seen);
    expect(ownWork).toEqual(new Set([undefined]));
  });

  it('each packet of a stream keeps it', async () => {
    const seen = await inRequests(() => client.send('stream', {}));
    expect(seen['complete']).toEqual(EACH);
    expect(new Set(seen['map'])).toEqual(new Set(EACH));
  });

  it('the completion of an event keeps it', async () => {
    expect(await inRequests(() => client.emit('told', 1))).toEqual({ map: EACH, complete: EACH });
  });

  it('the errors of a handler, of a missing one and of a refusal keep it', async () => {
    for (const pattern of ['fail', 'nobody', 'secret'])
      expect(await inRequests(() => client.send(pattern, {}))).toEqual({ error: EACH });
    expect(await inRequests(() => client.emit('secret', {}))).toEqual({ error: EACH });
  });

  it('what comes after a rotation keeps it', async () => {
    const calls = inRequests(() => client.send('slow', {}));
    await eventually(() => slow === 3, { what: 'the handlers to be asked' });
    const rotated = requestOf.run('rotate()', () => serviceOf(client).rotate());
    await eventually(async () => (await server.connections()).length === 3, { what: 'the new connection' });
    finishSlow();
    expect(await calls).toEqual({ map: EACH, complete: EACH });
    await rotated;
  });

  it('a call keeps it that waited for a connection', async () => {
    await client.connect();
    await server.kill();
    await eventually(() => serviceOf(client).status.connections.client?.state === 'disconnected', {
      what: 'the client to notice',
    });
    const calls = [inRequests(() => client.send('nobody', {})), inRequests(() => client.emit('told', {}))];
    await server.restart();
    expect(await Promise.all(calls)).toEqual([{ error: EACH }, { map: EACH, complete: EACH }]);
    expect(ownWork).toEqual(new Set([undefined]));
  });

  it('the end of a call keeps it that a close() in another request cuts off', async () => {
    const calls = inRequests(() => client.send('slow', {}));
    await eventually(() => slow === 3, { what: 'the handlers to be asked' });
    await requestOf.run('close()', () => client.close());
    expect(await calls).toEqual({ error: EACH });
    finishSlow();
  });
});

it('the serializer and the deserializer of a call run in its request', async () => {
  const server = await serverForTest({ config: CONFIG });
  const seen: string[] = [];
  const client = await startClient({
    connection: {
      servers: server.url,
      serializer: {
        serialize: (packet: unknown) => {
          seen.push(`serialize in ${requestOf.getStore()}`);
          return { data: JSON.stringify(packet) };
        },
      } as never,
      deserializer: {
        deserialize: ({ data }: { data: Uint8Array }) => {
          seen.push(`deserialize in ${requestOf.getStore()}`);
          return JSON.parse(Buffer.from(data).toString()) as never;
        },
      },
    },
    userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
  });
  await startService(
    {
      connection: { servers: server.url },
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    },
    { controllers: [Handlers] },
  );
  await client.connect();
  await requestOf.run('a request', () => lastValueFrom(client.send('echo', 1)));
  expect(seen).toEqual(['serialize in a request', 'deserialize in a request']);
});
