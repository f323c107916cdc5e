import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { headers } from '@nats-io/transport-node';
import type { INestMicroservice } from '@nestjs/common';
import { NatsRecordBuilder } from '@nestjs/microservices';
import { lastValueFrom, take, timeout, toArray } from 'rxjs';
import { eventually, type NatsServer } from 'nestjs-nats-auth/testing';
import type { NatsAuthClient, NatsAuthModuleOptions } from 'nestjs-nats-auth';
import { beforeEach, describe, expect, it } from 'vitest';

import { serverForTest } from '../support/server-for-test.js';
import { serviceOf, startClient, startService } from '../integration/nest/app.js';
import { Handlers, slow, told } from './harness/handlers.js';
import { inSpan, recordSpans, spanNamed, spansNamed } from './harness/recorded.js';

const CONFIG =
  'authorization { users: [ { user: svc, password: secret, permissions: { publish: { deny: [ "denied" ] } } } ] }\n';

recordSpans();

let server: NatsServer;
let options: NatsAuthModuleOptions;
let client: NatsAuthClient;
let service: INestMicroservice;

beforeEach(async () => {
  Object.assign(slow, { begun: 0, finish: () => {} });
  told.length = 0;
  server = await serverForTest({ config: CONFIG });
  options = {
    connection: { servers: server.url, reconnectTimeWait: 20, queue: 'orders' },
    client: { awaitResponders: 300 },
    userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    tracing: true,
    metrics: false,
  };
  service = await startService(options, { controllers: [Handlers] });
  client = await startClient(options);
});

/** The spans of a call, from the outside to the inside. */
async function spansOf(sent: string, handled: string) {
  return [
    await spanNamed('of the caller'),
    await spanNamed(sent),
    await spanNamed(handled),
    await spanNamed('of the handler'),
  ] as const;
}

/** Whether `span` is a child of `parent`. */
function isWithin(span: ReadableSpan, parent: ReadableSpan): boolean {
  const { traceId, spanId } = parent.spanContext();
  return span.spanContext().traceId === traceId && span.parentSpanContext?.spanId === spanId;
}

describe('send()', () => {
  it('is a span of the client, with the one of the service below it, in the trace of the caller', async () => {
    await inSpan('of the caller', () => lastValueFrom(client.send('echo', 'hello')));
    const [caller, sent, handled, inner] = await spansOf('send echo', 'process echo');
    expect(isWithin(sent, caller)).toBe(true);
    expect(isWithin(handled, sent)).toBe(true);
    expect(isWithin(inner, handled)).toBe(true);
    expect(sent.kind).toBe(SpanKind.CLIENT);
    expect(handled.kind).toBe(SpanKind.SERVER);
    const port = Number(new URL(server.url).port);
    expect(sent.attributes).toEqual({
      'messaging.system': 'nats',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'echo',
      'messaging.message.body.size': expect.any(Number) as number,
      'server.address': '127.0.0.1',
      'server.port': port,
      'nats_auth.connection': 'default',
      'nats_auth.replies': 1,
    });
    expect(handled.attributes).toEqual({
      'messaging.system': 'nats',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'echo',
      'messaging.message.body.size': sent.attributes['messaging.message.body.size'],
      'messaging.consumer.group.name': 'orders',
      'server.address': '127.0.0.1',
      'server.port': port,
      'nats_auth.connection': 'default',
      'nats_auth.replies': 1,
    });
    expect([sent, handled].map(({ status }) => status.code)).toEqual([0, 0]);
  });

  it('leaves what the caller does with the reply in the span of the caller', async () => {
    let active: string | undefined;
    await inSpan('of the caller', async () => {
      const mine = trace.getActiveSpan()?.spanContext().spanId;
      await new Promise<void>((resolve) =>
        client.send('echo', 1).subscribe(() => {
          active = trace.getActiveSpan()?.spanContext().spanId === mine ? 'mine' : 'another';
          resolve();
        }),
      );
    });
    expect(active).toBe('mine');
  });

  it('takes the baggage along, and keeps the headers of the application as they were', async () => {
    const own = headers();
    own.append('tenant', 'a');
    own.append('tenant', 'b');
    const record = new NatsRecordBuilder({}).setHeaders(own).build();
    const baggage = propagation.createBaggage({ user: { value: 'alice' } });
    const heard = await context.with(propagation.setBaggage(context.active(), baggage), () =>
      lastValueFrom(client.send<Record<string, string[]>>('headers', record)),
    );
    expect(heard).toEqual({
      tenant: ['a', 'b'],
      baggage: ['user=alice'],
      traceparent: [expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)],
    });
    expect(own.keys()).toEqual(['tenant']);
  });

  it('leaves a context that the application gave the message alone, and links to it', async () => {
    const own = headers();
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    own.set('traceparent', `00-${traceId}-b7ad6b7169203331-01`);
    await lastValueFrom(client.send('headers', new NatsRecordBuilder({}).setHeaders(own).build()));
    expect((await spanNamed('process headers')).spanContext().traceId).toBe(traceId);
    const sent = await spanNamed('send headers');
    expect(sent.spanContext().traceId).not.toBe(traceId);
    expect(sent.links.map((link) => link.context.traceId)).toEqual([traceId]);
  });

  it('has the pattern of the handler in its name, and counts the replies of a stream', async () => {
    await lastValueFrom(client.send('orders.42.get', 1));
    const handled = await spanNamed('process orders.*.get');
    expect(handled.attributes).toMatchObject({
      'messaging.destination.name': 'orders.42.get',
      'messaging.destination.template': 'orders.*.get',
    });
    await lastValueFrom(client.send('stream', {}));
    for (const name of ['send stream', 'process stream'])
      expect((await spanNamed(name)).attributes['nats_auth.replies']).toBe(3);
  });

  it('tells on both sides how a handler failed', async () => {
    for (const [pattern, type, message] of [
      ['fail', 'NO_SUCH_ORDER', 'There is no such order.'],
      ['crash', 'error', 'Internal server error'],
    ] as const) {
      await expect(lastValueFrom(client.send(pattern, {}))).rejects.toMatchObject({ message });
      for (const name of [`send ${pattern}`, `process ${pattern}`]) {
        const { status, attributes, events } = await spanNamed(name);
        expect(status).toEqual({ code: SpanStatusCode.ERROR, message });
        expect(attributes['error.type']).toBe(type);
        expect(events.map((event) => event.name)).toEqual(['exception']);
      }
    }
  });

  it('tells why there is no answer', async () => {
    await expect(lastValueFrom(client.send('nobody', {}))).rejects.toThrow();
    expect((await spanNamed('send nobody')).attributes['error.type']).toBe('EmptyResponseException');
    await expect(lastValueFrom(client.send('denied', {}))).rejects.toThrow();
    expect((await spanNamed('send denied')).attributes['error.type']).toBe('PUBLISH_REFUSED');
  });

  it('tells that the caller gave up, and that it needed no more of a stream', async () => {
    await expect(lastValueFrom(client.send('slow', {}).pipe(timeout(100)))).rejects.toThrow();
    const gaveUp = await spanNamed('send slow');
    expect(gaveUp.attributes).toMatchObject({ 'error.type': 'cancelled', 'nats_auth.replies': 0 });
    slow.finish();
    await lastValueFrom(client.send('endless', {}).pipe(take(2), toArray()));
    const { attributes, status } = await spanNamed('send endless');
    expect(attributes).toMatchObject({ 'nats_auth.unsubscribed': true, 'nats_auth.replies': 2 });
    expect(status.code).toBe(SpanStatusCode.UNSET);
  });

  it('tells DISCONNECTED when the connection is lost while it waits', async () => {
    const impatient = await startClient({ ...options, client: { replyAfterLoss: 1 } });
    const failed = expect(lastValueFrom(impatient.send('slow', {}))).rejects.toMatchObject({
      code: 'DISCONNECTED',
    });
    await eventually(() => slow.begun === 1, { what: 'the handler to begin' });
    await server.kill();
    await failed;
    expect((await spanNamed('send slow')).attributes['error.type']).toBe('DISCONNECTED');
    slow.finish();
    await server.restart();
  });
});

describe('the span of a handler', () => {
  it('whose stream is cut off with its service tells DISCONNECTED on both sides', async () => {
    const replies: unknown[] = [];
    const ended = new Promise((resolve) =>
      client.send('endless', {}).subscribe({ next: (reply) => replies.push(reply), error: resolve }),
    );
    await eventually(() => replies.length > 1, { what: 'the stream to begin' });
    await service.close();
    expect(await ended).toMatchObject({ code: 'DISCONNECTED' });
    for (const name of ['send endless', 'process endless'])
      expect((await spanNamed(name)).attributes['error.type'], name).toBe('DISCONNECTED');
  });

  it('of a request that nobody waits for any more goes on until the handler has finished', async () => {
    await expect(lastValueFrom(client.send('slow', {}).pipe(timeout(50)))).rejects.toThrow();
    await spanNamed('send slow');
    expect(spansNamed('process slow')).toEqual([]);
    slow.finish();
    expect((await spanNamed('process slow')).status.code).toBe(SpanStatusCode.UNSET);
  });
});

describe('emit()', () => {
  it('is a span of a producer, and of a consumer below it that links to it', async () => {
    await inSpan('of the caller', () => lastValueFrom(client.emit('told', 1), { defaultValue: undefined }));
    const [caller, sent, handled, inner] = await spansOf('publish told', 'process told');
    expect(isWithin(sent, caller)).toBe(true);
    expect(isWithin(handled, sent)).toBe(true);
    expect(isWithin(inner, handled)).toBe(true);
    expect([sent.kind, handled.kind]).toEqual([SpanKind.PRODUCER, SpanKind.CONSUMER]);
    expect(handled.links.map((link) => link.context.spanId)).toEqual([sent.spanContext().spanId]);
    expect(sent.attributes).toMatchObject({
      'messaging.operation.name': 'publish',
      'messaging.operation.type': 'send',
    });
    expect(told).toEqual([1]);
  });

  it.each(['told.badly', 'told.in.a.stream'])('tells how the handler of %s failed', async (pattern) => {
    await lastValueFrom(client.emit(pattern, 1), { defaultValue: undefined });
    const { status, attributes } = await spanNamed(`process ${pattern}`);
    expect(status).toEqual({ code: SpanStatusCode.ERROR, message: 'It cannot be handled now.' });
    expect(attributes['error.type']).toBe('NOT_NOW');
  });

  it('that the server refuses tells so', async () => {
    await expect(lastValueFrom(client.emit('denied', 1))).rejects.toThrow();
    expect((await spanNamed('publish denied')).attributes['error.type']).toBe('PUBLISH_REFUSED');
  });
});

it('a request that is sent again after an outage is one span', async () => {
  await client.connect();
  await server.kill();
  await eventually(() => serviceOf(client).status.connections.client?.state === 'disconnected', {
    what: 'the client to notice',
  });
  const answer = lastValueFrom(client.send('late', 1));
  const failed = expect(answer).rejects.toThrow();
  await server.restart();
  await failed;
  const { events } = await spanNamed('send late');
  expect(events.map(({ name }) => name)).toContain('sent again');
  expect(spansNamed('process late')).toEqual([]);
});
