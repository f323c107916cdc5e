import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { NestFactory } from '@nestjs/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { eventually } from 'nestjs-nats-auth/testing';
import {
  NatsAuthClient,
  type NatsAuthModuleOptions,
  NatsAuthService,
  natsAuthTransport,
  type RotationMode,
} from 'nestjs-nats-auth';
import { lastValueFrom } from 'rxjs';
import { describe, expect, it, onTestFinished } from 'vitest';

import { serverForTest } from '../support/server-for-test.js';
import { appModule, serviceOf, startClient, startService } from '../integration/nest/app.js';
import { Handlers } from './harness/handlers.js';
import { inSpan, recordSpans, spanNamed, spans, spansNamed } from './harness/recorded.js';

const config = (pass: string) => `authorization { users: [ { user: svc, password: ${pass} } ] }\n`;

recordSpans();

/** A server, and the options of whoever connects to it. */
async function setUp(more: Partial<NatsAuthModuleOptions> = {}) {
  const server = await serverForTest({ config: config('secret') });
  const options: NatsAuthModuleOptions = {
    connection: { servers: server.url, reconnectTimeWait: 20 },
    userInfoProvider: {
      getUserInfo: () => inSpan('of the provider', () => Promise.resolve({ user: 'svc', pass: 'secret' })),
    },
    tracing: { send: false, handle: false },
    metrics: false,
    ...more,
  };
  return { server, options };
}

const idOf = (span: ReadableSpan) => span.spanContext().spanId;
const linksOf = (span: ReadableSpan) => span.links.map((link) => link.context.spanId);
const named = (kind: string) => spansNamed(`${kind} default`);

describe('a first connect', () => {
  it('is a span with the provider call in it, and what the provider calls in that', async () => {
    const { options, server } = await setUp();
    const client = await startClient(options);
    await inSpan('of a request', () => client.connect());
    const connect = await spanNamed('connect default');
    const refresh = await spanNamed('refresh default');
    expect(connect.parentSpanContext).toBeUndefined();
    expect(refresh.parentSpanContext?.spanId).toBe(idOf(connect));
    expect((await spanNamed('of the provider')).parentSpanContext?.spanId).toBe(idOf(refresh));
    expect(linksOf(connect)).toEqual([idOf(refresh)]);
    expect(connect.kind).toBe(SpanKind.CLIENT);
    expect(connect.attributes).toEqual({
      'nats_auth.connection': 'default',
      'nats_auth.role': 'client',
      'nats_auth.kind': 'initial',
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(server.url).port),
    });
    expect(refresh.attributes).toMatchObject({
      'nats_auth.reason': 'connect',
      'nats_auth.attempt': 1,
      'nats_auth.user_info': 'user',
    });
  });

  it('that is rejected, or has no user info, tells why', async () => {
    const { options } = await setUp({
      userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass: 'wrong' }) },
    });
    await expect((await startClient(options)).connect()).rejects.toThrow();
    const rejected = await spanNamed('connect default');
    expect(rejected.attributes['error.type']).toBe('REJECTED');
    expect(rejected.events.map(({ name }) => name)).toEqual([
      ...Array.from({ length: rejected.events.length - 1 }, () => 'rejected'),
      'exception',
    ]);
    const broken = await setUp({
      name: 'broken',
      refresh: { retry: { maxAttempts: 2, initialDelay: 1 } },
      userInfoProvider: { getUserInfo: () => Promise.reject(new RangeError('of the provider')) },
    });
    const service = startService(broken.options, { controllers: [Handlers] });
    await expect(service).rejects.toThrow();
    const connect = await spanNamed('connect broken');
    expect(connect.attributes['error.type']).toBe('USER_INFO_UNAVAILABLE');
    expect(connect.events.map(({ name }) => name)).toEqual(['refresh failed', 'refresh failed', 'exception']);
    for (const refresh of spansNamed('refresh broken')) {
      expect(refresh.attributes['error.type']).toBe('RangeError');
      expect(refresh.status).toEqual({ code: SpanStatusCode.ERROR, message: 'of the provider' });
      expect(refresh.parentSpanContext?.spanId).toBe(idOf(connect));
    }
  });
});

it('connects of two roles that share a provider call link to it, and it is in one of them', async () => {
  let answer = () => {};
  const asked = new Promise<void>((resolve) => (answer = resolve));
  let calls = 0;
  const { options } = await setUp({
    userInfoProvider: {
      getUserInfo: async () => {
        if (calls++ === 0) await asked;
        return { user: 'svc', pass: 'secret' };
      },
    },
  });
  const app = await NestFactory.createMicroservice(appModule(options, { controllers: [Handlers] }), {
    ...natsAuthTransport(),
    logger: false,
  });
  onTestFinished(() => app.close());
  const connected = Promise.all([app.listen(), app.get(NatsAuthClient).connect()]);
  await eventually(() => calls === 1, { what: 'the call' });
  answer();
  await connected;
  await eventually(() => named('connect').length === 2, { what: 'both connects' });
  // Each links to the call that gave what it presents; a call is in the connect that asked first.
  const refreshes = named('refresh').map(idOf);
  expect(
    named('connect')
      .flatMap(linksOf)
      .every((id) => refreshes.includes(id)),
  ).toBe(true);
  expect(named('connect').map((connect) => linksOf(connect).length)).toEqual([1, 1]);
  const connects = named('connect').map(idOf);
  for (const { parentSpanContext } of named('refresh')) expect(connects).toContain(parentSpanContext?.spanId);
});

describe('a reconnect', () => {
  it('is one span from the loss to the connection, with each failed dial in it', async () => {
    const { options, server } = await setUp();
    const client = await startClient(options);
    await client.connect();
    await server.kill();
    await eventually(() => serviceOf(client).status.lastError !== undefined, { what: 'a failed dial' });
    expect(named('connect')).toHaveLength(1);
    await server.restart();
    await eventually(() => named('connect').length === 2, { what: 'the reconnect' });
    const reconnect = named('connect')[1];
    expect(reconnect?.attributes['nats_auth.kind']).toBe('reconnect');
    expect(reconnect?.status.code).toBe(SpanStatusCode.UNSET);
    const dial = reconnect?.events.find(({ name }) => name === 'dial failed');
    expect(dial?.attributes).toMatchObject({
      'error.type': 'SERVER_UNREACHABLE',
      'server.address': '127.0.0.1',
    });
  });

  it('that is given up ends with the client', async () => {
    const { options, server } = await setUp();
    const client = await startClient(options);
    await client.connect();
    await server.kill();
    await eventually(() => serviceOf(client).status.lastError !== undefined, { what: 'a failed dial' });
    await client.close();
    await eventually(() => named('connect').length === 2, { what: 'its end' });
    expect(named('connect')[1]?.attributes['error.type']).toBe('CLOSED');
    await server.restart();
  });
});

describe.each<[RotationMode, string[]]>([
  ['handover', ['handover']],
  ['reconnect', ['handover', 'reconnect']],
])('a rotation by %s', (mode, kinds) => {
  it('has its connects in it, and links to the refresh that it moves to', async () => {
    const { options } = await setUp({ rotation: { mode } });
    const client = await startClient(options);
    await client.connect();
    const before = spans().length;
    await inSpan('of a request', () => serviceOf(client).rotate());
    const rotation = await spanNamed('rotation default');
    const after = spans().slice(before);
    const refresh = after.find(({ name }) => name === 'refresh default');
    const connects = after.filter(({ name }) => name === 'connect default');
    expect(rotation.kind).toBe(SpanKind.INTERNAL);
    expect(rotation.attributes).toMatchObject({
      'nats_auth.trigger': 'manual',
      'nats_auth.mode': mode,
      'nats_auth.outcome': 'success',
    });
    expect(linksOf(rotation)).toEqual([refresh && idOf(refresh)]);
    expect(connects.map(({ attributes }) => attributes['nats_auth.kind'])).toEqual(kinds);
    for (const connect of connects) {
      expect(connect.parentSpanContext?.spanId).toBe(idOf(rotation));
      expect(linksOf(connect)).toEqual([refresh && idOf(refresh)]);
      expect(connect.status.code).toBe(SpanStatusCode.UNSET);
    }
  });
});

it('a rotation that fails tells so, and the connects in it why', async () => {
  let pass = 'secret';
  const { options } = await setUp({
    userInfoProvider: { getUserInfo: () => ({ user: 'svc', pass }) },
    rejection: { maxOnConnect: 1 },
  });
  const client = await startClient(options);
  await client.connect();
  pass = 'wrong';
  await expect(serviceOf(client).rotate()).rejects.toThrow();
  const rotation = await spanNamed('rotation default');
  expect(rotation.attributes['error.type']).toBe('ROTATION_FAILED');
  const inIt = named('connect').filter((span) => span.parentSpanContext?.spanId === idOf(rotation));
  expect(inIt.map(({ attributes }) => attributes['error.type'])).toEqual(['REJECTED']);
});

it('each request keeps its trace, also while connections are handed over', async () => {
  const { options } = await setUp({ tracing: true });
  const service = await startService(options, { controllers: [Handlers] });
  const client = await startClient(options);
  await client.connect();
  let over = false;
  let sent = 0;
  const callers = Array.from({ length: 8 }, async () => {
    while (!over) {
      await inSpan('of the caller', () => lastValueFrom(client.send('echo', ++sent)));
    }
  });
  for (let rotation = 0; rotation < 5; rotation++)
    await Promise.all([serviceOf(client).rotate(), service.get(NatsAuthService).rotate()]);
  over = true;
  await Promise.all(callers);
  await eventually(() => spansNamed('process echo').length === sent, { what: 'the last handlers' });
  const parents = new Map(spans().map((span) => [idOf(span), span]));
  const chains = spansNamed('of the handler').map((span) => {
    const chain = [span];
    for (let at = span.parentSpanContext; at; at = chain.at(-1)?.parentSpanContext) {
      const parent = parents.get(at.spanId);
      if (!parent) break;
      chain.push(parent);
    }
    return chain.map(({ name }) => name).join(' < ');
  });
  expect(sent).toBeGreaterThan(20);
  expect(spansNamed('send echo')).toHaveLength(sent);
  expect(new Set(chains)).toEqual(new Set(['of the handler < process echo < send echo < of the caller']));
  expect(chains).toHaveLength(sent);
});
