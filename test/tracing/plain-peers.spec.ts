import { createRequire } from 'node:module';

import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { eventually } from 'nestjs-nats-auth/testing';
import type { MessageHeaders } from 'nestjs-nats-auth';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';

import { serverForTest } from '../support/server-for-test.js';
import { startClient, startService } from '../integration/nest/app.js';
import { Handlers } from './harness/handlers.js';
import { inSpan, recordSpans, spanNamed, tracer } from './harness/recorded.js';

recordSpans();

interface PlainMessage {
  readonly headers?: MessageHeaders;
  readonly data: Uint8Array;
  respond(data: string): boolean;
}

/** What both drivers export. */
interface Nats {
  connect(options: { servers: string }): Promise<{
    publish(subject: string, data: string, options: { headers: MessageHeaders }): void;
    request(subject: string, data: string, options: object): Promise<PlainMessage>;
    subscribe(subject: string, options: { callback: (error: unknown, message: PlainMessage) => void }): void;
    flush(): Promise<void>;
    close(): Promise<void>;
  }>;
  headers(): MessageHeaders;
}

const load = createRequire(import.meta.url);
const setter = { set: (headers: MessageHeaders, key: string, value: string) => headers.set(key, value) };
const getter = {
  keys: (headers: MessageHeaders) => [...headers.keys()],
  get: (headers: MessageHeaders, key: string) => headers.get(key),
};

async function setUp(packageName: string) {
  const server = await serverForTest();
  const nats = load(packageName) as Nats;
  const nc = await nats.connect({ servers: server.url });
  onTestFinished(() => nc.close());
  const options = {
    connection: { servers: server.url },
    userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) },
    tracing: true,
    metrics: false as const,
  };
  return { nc, nats, options };
}

describe.each(['nats', 'nats-oldest', '@nats-io/transport-node', 'transport-node-oldest'])(
  'with a peer of plain %s',
  (packageName) => {
    it('a handler goes on with the trace of a caller', async () => {
      const { nc, nats, options } = await setUp(packageName);
      await startService(options, { controllers: [Handlers] });
      const reply = await inSpan('of the caller', () => {
        const headers = nats.headers();
        propagation.inject(context.active(), headers, setter);
        return nc.request('echo', JSON.stringify({ id: '1', data: 'hello' }), { headers, timeout: 5_000 });
      });
      expect(JSON.parse(Buffer.from(reply.data).toString())).toMatchObject({ response: 'hello' });
      const caller = await spanNamed('of the caller');
      const handled = await spanNamed('process echo');
      expect(handled.kind).toBe(SpanKind.SERVER);
      expect(handled.spanContext().traceId).toBe(caller.spanContext().traceId);
      expect(handled.parentSpanContext?.spanId).toBe(caller.spanContext().spanId);
    });

    it('an event that has no trace begins one, and one from a peer that writes Traceparent has that', async () => {
      const { nc, nats, options } = await setUp(packageName);
      await startService(options, { controllers: [Handlers] });
      nc.publish('told', JSON.stringify({ data: 1 }), { headers: nats.headers() });
      const first = await spanNamed('process told');
      expect(first.parentSpanContext).toBeUndefined();
      const headers = nats.headers();
      headers.set('Traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
      nc.publish('orders.7.get', JSON.stringify({ id: '1', data: 1 }), { headers });
      const second = await spanNamed('process orders.*.get');
      expect(second.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c');
      expect(second.kind).toBe(SpanKind.CONSUMER);
    });

    it('a responder goes on with the trace of send()', async () => {
      const { nc, options } = await setUp(packageName);
      nc.subscribe('plain', {
        callback: (_error, message) => {
          const parent = message.headers
            ? propagation.extract(ROOT_CONTEXT, message.headers, getter)
            : ROOT_CONTEXT;
          tracer.startSpan('of the responder', { kind: SpanKind.SERVER }, parent).end();
          const { id } = JSON.parse(Buffer.from(message.data).toString()) as { id: string };
          message.respond(JSON.stringify({ id, response: 'plainly', isDisposed: true }));
        },
      });
      await nc.flush();
      const client = await startClient(options);
      expect(await lastValueFrom(client.send('plain', {}))).toBe('plainly');
      const sent = await spanNamed('send plain');
      const responder = await spanNamed('of the responder');
      expect(responder.parentSpanContext?.spanId).toBe(sent.spanContext().spanId);
      expect(trace.isSpanContextValid(sent.spanContext())).toBe(true);
      await eventually(() => sent.attributes['nats_auth.replies'] === 1);
    });
  },
);
