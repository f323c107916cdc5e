import { AsyncLocalStorage } from 'node:async_hooks';
import {
  subscribe,
  type TracingChannelSubscribers,
  tracingChannel,
  unsubscribe,
} from 'node:diagnostics_channel';

import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { eventually } from 'nestjs-nats-auth/testing';
import { type MessageHeaders, type NatsAuthModuleOptions, NatsAuthService } from 'nestjs-nats-auth';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';

import { serverForTest } from '../support/server-for-test.js';
import { serviceOf, startClient, startService } from '../integration/nest/app.js';
import { Handlers } from './harness/handlers.js';

interface Message {
  readonly operation: string;
  readonly id: number;
  readonly within?: number;
  readonly follows: number[];
  readonly headers?: MessageHeaders;
  readonly error?: unknown;
}

/** What the channels tell, in short, and the messages themselves. */
function listen(operations: readonly string[]) {
  const heard: string[] = [];
  const messages = new Map<number, Message>();
  for (const operation of operations) {
    const channel = tracingChannel<Message, Message>(`nestjs-nats-auth:${operation}`);
    const note = (what: string) => (message: Message) => {
      messages.set(message.id, message);
      heard.push(`${message.operation} ${what}`);
    };
    const subscribers: TracingChannelSubscribers<Message> = {
      start: note('start'),
      end: note('end'),
      asyncStart: note('asyncStart'),
      asyncEnd: note('asyncEnd'),
      error: note('error'),
    };
    channel.subscribe(subscribers);
    onTestFinished(() => channel.unsubscribe(subscribers));
  }
  const of = (operation: string) =>
    [...messages.values()].filter((message) => message.operation === operation);
  return { heard, of };
}

async function setUp(more: Partial<NatsAuthModuleOptions> = {}): Promise<NatsAuthModuleOptions> {
  const server = await serverForTest();
  return {
    connection: { servers: server.url },
    userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    metrics: false,
    ...more,
  };
}

describe('the diagnostics channels, without OpenTelemetry,', () => {
  it('tell each request from its begin to its end, on both sides', async () => {
    const options = await setUp();
    await startService(options, { controllers: [Handlers] });
    const client = await startClient(options);
    await client.connect();
    const { heard, of } = listen(['send', 'handle']);
    await lastValueFrom(client.send('stream', {}));
    await eventually(() => heard.filter((line) => line.endsWith('asyncEnd')).length === 2);
    for (const operation of ['send', 'handle'])
      expect(heard.filter((line) => line.startsWith(operation))).toEqual(
        ['start', 'end', 'asyncStart', 'asyncEnd'].map((what) => `${operation} ${what}`),
      );
    expect(of('send')).toEqual([
      expect.objectContaining({
        connection: 'default',
        type: 'request',
        subject: 'stream',
        bytes: expect.any(Number) as number,
        server: expect.stringMatching(/^127\.0\.0\.1:/) as string,
        replies: 3,
      }),
    ]);
    expect(of('handle')).toEqual([
      expect.objectContaining({ type: 'request', subject: 'stream', pattern: 'stream', replies: 3 }),
    ]);
    await expect(lastValueFrom(client.send('fail', {}))).rejects.toMatchObject({ code: 'NO_SUCH_ORDER' });
    await eventually(() => heard.includes('handle error'));
    expect(of('send').at(-1)?.error).toMatchObject({ code: 'NO_SUCH_ORDER' });
    expect(of('handle').at(-1)?.error).toMatchObject({ code: 'NO_SUCH_ORDER' });
  });

  it('let a subscriber send headers, and enter a store for the handler', async () => {
    const traceOf = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];

    @Controller()
    class Traced {
      @MessagePattern('asked')
      async asked(@Payload() data: string) {
        await Promise.resolve();
        return `${data} in ${traceOf.getStore()}`;
      }

      @EventPattern('heard')
      heard(@Payload() _data: unknown) {
        seen.push(traceOf.getStore());
      }
    }

    const options = await setUp();
    await startService(options, { controllers: [Traced] });
    const client = await startClient(options);
    const handle = tracingChannel<string, Message>('nestjs-nats-auth:handle');
    const inject = (message: unknown) =>
      (message as Message).headers?.set('x-trace', `trace ${(message as Message).id}`);
    const toSend = 'tracing:nestjs-nats-auth:send:start';
    subscribe(toSend, inject);
    handle.start.bindStore(traceOf, (message) => message.headers?.get('x-trace') ?? '');
    onTestFinished(() => {
      unsubscribe(toSend, inject);
      handle.start.unbindStore(traceOf);
    });
    expect(await lastValueFrom(client.send('asked', 'a question'))).toMatch(/^a question in trace \d+$/);
    await lastValueFrom(client.emit('heard', 1), { defaultValue: undefined });
    await eventually(() => seen.length === 1, { what: 'the event' });
    expect(seen[0]).toMatch(/^trace \d+$/);
    expect(traceOf.getStore()).toBeUndefined();
  });

  it('tell of provider calls, connects and rotations, and what goes back to what', async () => {
    const { of } = listen(['refresh', 'connect', 'rotation']);
    const client = await startClient(await setUp());
    await client.connect();
    await serviceOf(client).rotate();
    const [[first, next], [initial, handover], [rotation]] = [of('refresh'), of('connect'), of('rotation')];
    expect(first).toMatchObject({ reason: 'connect', role: 'client', within: initial?.id, userInfo: 'user' });
    expect(initial).toMatchObject({
      kind: 'initial',
      follows: [first?.id],
      server: expect.any(String) as string,
    });
    expect(rotation).toMatchObject({
      trigger: 'manual',
      mode: 'handover',
      follows: [next?.id],
      outcome: 'success',
    });
    expect(handover).toMatchObject({ kind: 'handover', within: rotation?.id, follows: [next?.id] });
    expect(JSON.stringify([...of('refresh'), ...of('connect'), ...of('rotation')])).not.toContain('secret');
  });

  it('tell of dials that failed', async () => {
    const { of } = listen(['connect']);
    const options = await setUp({ rejection: { maxOnConnect: 1 } });
    const service = await startService(options, { controllers: [Handlers] });
    expect(service.get(NatsAuthService).status.connections.server?.state).toBe('connected');
    const servers = 'nats://127.0.0.1:1';
    const lost = await startClient({ ...options, connection: { servers } });
    await expect(lost.connect()).rejects.toThrow();
    const connect = of('connect').at(-1) as Message & { notes: object[] };
    expect(connect.notes[0]).toMatchObject({
      what: 'dial failed',
      server: '127.0.0.1:1',
      error: expect.objectContaining({ code: 'SERVER_UNREACHABLE' }) as unknown,
    });
    expect(connect.error).toBeInstanceOf(Error);
  });
});
