import {
  type ArgumentsHost,
  Catch,
  Controller,
  type INestMicroservice,
  type RpcExceptionFilter,
  UseFilters,
} from '@nestjs/common';
import { EventPattern, MessagePattern, Payload, type Server } from '@nestjs/microservices';
import { type NatsAuthClient, type NatsAuthEvents, NatsAuthService } from 'nestjs-nats-auth';
import { eventually } from 'nestjs-nats-auth/testing';
import {
  EMPTY,
  finalize,
  firstValueFrom,
  interval,
  NEVER,
  of,
  startWith,
  take,
  throwError,
  timeout,
} from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';

import { serverForTest } from '../../support/server-for-test.js';
import { startClient, startService } from '../nest/app.js';

@Catch()
class Rethrows implements RpcExceptionFilter {
  catch(exception: unknown, _host: ArgumentsHost): never {
    throw exception;
  }
}

const heard: string[] = [];

@Controller()
class Leaving {
  @MessagePattern('filter-rethrows')
  @UseFilters(Rethrows)
  filterRethrows() {
    throw new Error('of the handler');
  }

  @MessagePattern('filter-rethrows-later')
  @UseFilters(Rethrows)
  async filterRethrowsLater() {
    await Promise.resolve();
    throw new Error('of the handler');
  }

  @MessagePattern('stream-fails')
  streamFails() {
    return throwError(() => new Error('of the stream'));
  }

  @MessagePattern('throws-nothing')
  @UseFilters(Rethrows)
  throwsNothing() {
    // eslint-disable-next-line @typescript-eslint/only-throw-error
    throw undefined;
  }

  @MessagePattern('empty')
  empty() {
    return EMPTY;
  }

  @MessagePattern('nothing')
  nothing() {
    return undefined;
  }

  @MessagePattern('unserializable')
  unserializable() {
    return 10n;
  }

  @MessagePattern('unserializable-in-a-stream')
  unserializableInAStream() {
    return NEVER.pipe(startWith(10n));
  }

  @MessagePattern('teardown-throws')
  teardownThrows() {
    return NEVER.pipe(
      startWith(10n),
      finalize(() => {
        throw new Error('of the teardown');
      }),
    );
  }

  @MessagePattern('many')
  many() {
    return of(1, 2, 3);
  }

  @MessagePattern('one-by-one')
  oneByOne() {
    return interval(1).pipe(take(3));
  }

  @EventPattern('event-fails')
  @UseFilters(Rethrows)
  eventFails(@Payload() _: unknown) {
    heard.push('event-fails');
    throw new Error('of the handler');
  }

  @EventPattern('event-with-two')
  eventWithTwo(@Payload() _: unknown) {
    heard.push('event-with-two');
  }
}

type StartHook = (transport: unknown, context: unknown, done: () => Promise<unknown>) => unknown;

describe('whatever way a handler leaves by, nobody waits for it any more', () => {
  let app: INestMicroservice;
  let client: NatsAuthClient;
  let cutOff: NatsAuthEvents['cutOff'][];
  let strategy: Server;

  beforeEach(async () => {
    heard.length = 0;
    const server = await serverForTest({
      config: 'authorization { users: [ { user: svc, password: secret } ] }\n',
    });
    const options = {
      connection: { servers: server.url, gracefulShutdown: true, gracePeriod: 300 },
      rotation: { timeout: 300 },
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    };
    app = await startService(options, { controllers: [Leaving] });
    client = await startClient(options);
    cutOff = [];
    app.get(NatsAuthService).on('cutOff', (event) => cutOff.push(event));
    // NestJS gives instrumentation no other way to the strategy of a microservice.
    strategy = (app as unknown as { serverInstance: Server }).serverInstance;
  });

  const startHook = (hook: StartHook) => strategy.setOnProcessingStartHook(hook as never);

  async function nothingIsWaitedFor() {
    await app.get(NatsAuthService).rotate();
    await app.close();
    expect(cutOff).toEqual([]);
  }

  const answer = (pattern: string) =>
    firstValueFrom(client.send<unknown>(pattern, {}).pipe(timeout(2_000)), { defaultValue: 'nothing' });

  const internal = { status: 'error', message: 'Internal server error' };
  const unsent = { status: 'error', message: 'The reply could not be sent' };

  it.each<[string, unknown]>([
    ['filter-rethrows', internal],
    ['filter-rethrows-later', internal],
    ['throws-nothing', internal],
    ['stream-fails', internal],
    ['unserializable', unsent],
    ['unserializable-in-a-stream', unsent],
    ['teardown-throws', unsent],
  ])('%s', async (pattern, error) => {
    await expect(answer(pattern)).rejects.toEqual(error);
    await nothingIsWaitedFor();
  });

  it.each([
    ['empty', 'nothing'],
    ['nothing', undefined],
    ['many', 1],
    ['one-by-one', 0],
  ])('%s', async (pattern, first) => {
    expect(await answer(pattern)).toBe(first ?? 'nothing');
    await nothingIsWaitedFor();
  });

  it.each(['event-fails', 'event-with-two'])('%s', async (pattern) => {
    client.emit(pattern, {}).subscribe();
    await eventually(() => heard.includes(pattern), { what: 'the event' });
    await nothingIsWaitedFor();
  });

  it('a request that nobody waits for', async () => {
    app.unwrap<{ publish(subject: string, data: string): void }>().publish('many', '{"id":"1","data":{}}');
    await answer('many');
    await nothingIsWaitedFor();
  });

  it.each<[string, StartHook, unknown]>([
    [
      'throws',
      () => {
        throw new Error('of the hook');
      },
      internal,
    ],
    ['rejects', () => Promise.reject(new Error('of the hook')), internal],
    [
      'lets the handler begin, and throws',
      (_, __, done) => {
        void done();
        throw new Error('of the hook');
      },
      internal,
    ],
    ['returns nothing', (_, __, done) => void done(), internal],
    ['takes the failure for itself', (_, __, done) => done().catch(() => undefined), internal],
  ])('a start hook that %s', async (_, hook, error) => {
    startHook(hook);
    await expect(answer('filter-rethrows-later')).rejects.toEqual(error);
    await nothingIsWaitedFor();
  });

  it('a start hook that lets no handler begin', async () => {
    startHook(() => undefined);
    const request = client.send('many', {}).subscribe({ error: () => {} });
    await new Promise(setImmediate);
    await app.unwrap<{ flush(): Promise<void> }>().flush();
    await nothingIsWaitedFor();
    request.unsubscribe();
  });

  it('a start hook that lets the handler begin after it has returned', async () => {
    startHook((_, __, done) => void setTimeout(() => void done(), 20));
    expect(await answer('many')).toBe(1);
    await nothingIsWaitedFor();
  });

  it('an end hook that throws', async () => {
    strategy.setOnProcessingEndHook(() => {
      throw new Error('of the hook');
    });
    expect(await answer('one-by-one')).toBe(0);
    await nothingIsWaitedFor();
  });
});
