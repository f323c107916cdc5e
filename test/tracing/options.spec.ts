import { trace } from '@opentelemetry/api';
import { eventually } from 'nestjs-nats-auth/testing';
import {
  type NatsAuthModuleOptions,
  NatsAuthService,
  type TracedOperation,
  type TracingOptions,
} from 'nestjs-nats-auth';
import { lastValueFrom } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';

import { serverForTest } from '../support/server-for-test.js';
import { appModule, serviceOf, startAndClose, startClient, startService } from '../integration/nest/app.js';
import { Handlers } from './harness/handlers.js';
import { recordSpans, spans } from './harness/recorded.js';

recordSpans();

const anyUser = { getUserInfo: () => ({ user: 'svc', pass: 'secret' }) };
const KINDS = {
  send: ['send echo', 'publish told'],
  handle: ['process echo', 'process told'],
  refresh: ['refresh default'],
  connect: ['connect default'],
  rotation: ['rotation default'],
} as const;

let options: NatsAuthModuleOptions;

beforeEach(async () => {
  const server = await serverForTest();
  options = { connection: { servers: server.url }, userInfoProvider: anyUser, metrics: false };
});

/** Does one of each, and gives the names of the spans that the package made of it. */
async function spansWith(tracing: TracingOptions | boolean | undefined): Promise<string[]> {
  const service = await startService({ ...options, tracing }, { controllers: [Handlers] });
  const client = await startClient({ ...options, tracing });
  const headers = await lastValueFrom(client.send<object>('headers', {}));
  await lastValueFrom(client.send('echo', 1));
  await lastValueFrom(client.emit('told', 1), { defaultValue: undefined });
  await Promise.all([serviceOf(client).rotate(), service.get(NatsAuthService).rotate()]);
  const own = () => spans().filter((span) => span.instrumentationScope.name === 'nestjs-nats-auth');
  const sendsTrace = 'traceparent' in headers;
  const isOn = tracing === true || (typeof tracing === 'object' && tracing.send !== false);
  expect(sendsTrace).toBe(isOn);
  // A handler may end a moment after its caller has the reply.
  const count = () => own().length;
  let before = -1;
  await eventually(() => before === (before = count()), { everyMs: 50 });
  return [...new Set(own().map(({ name }) => name))].filter((name) => !name.endsWith('headers')).sort();
}

describe('the option tracing', () => {
  it('has spans of everything when it is true, and of nothing without it', async () => {
    expect(await spansWith(undefined)).toEqual([]);
    expect(await spansWith(false)).toEqual([]);
    expect(await spansWith(true)).toEqual(Object.values(KINDS).flat().sort());
  });

  it.each(Object.keys(KINDS) as (keyof typeof KINDS)[])('has a switch for %s', async (kind) => {
    const all: string[] = Object.values(KINDS).flat();
    const others = all.filter((name) => !(KINDS[kind] as readonly string[]).includes(name));
    expect(await spansWith({ [kind]: false })).toEqual(others.sort());
  });

  it.each<[unknown, RegExp]>([
    [{ sends: false }, /tracing\.sends/],
    [{ send: 'no' }, /tracing\.send'.*true or false/],
    [{ attributes: {} }, /tracing\.attributes'.*a function/],
    ['on', /'tracing'.*an object/],
  ])('%j is refused by name', async (tracing, message) => {
    await expect(startAndClose(appModule({ ...options, tracing: tracing as never }))).rejects.toThrow(
      message,
    );
  });
});

describe('the hook for attributes', () => {
  it('adds to each span, and knows what it is about', async () => {
    const seen: TracedOperation[] = [];
    const attributes = (operation: TracedOperation) => {
      seen.push(operation);
      return { 'app.tenant': 'a', 'messaging.destination.name': 'orders' };
    };
    await spansWith({ attributes });
    const own = spans().filter((span) => span.instrumentationScope.name === 'nestjs-nats-auth');
    for (const { attributes: given } of own) expect(given['app.tenant']).toBe('a');
    expect(own.find(({ name }) => name === 'send echo')?.attributes['messaging.destination.name']).toBe(
      'orders',
    );
    expect(new Set(seen.map(({ operation }) => operation))).toEqual(new Set(Object.keys(KINDS)));
    expect(seen).toContainEqual(
      expect.objectContaining({ operation: 'handle', subject: 'echo', pattern: 'echo', type: 'request' }),
    );
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('of the hook');
      },
    ],
    ['rejects', () => Promise.reject(new Error('of the hook'))],
    ['gives nonsense', () => 'nonsense'],
  ])('that %s disturbs nothing', async (_what, attributes) => {
    expect(await spansWith({ attributes: attributes as never })).toEqual(Object.values(KINDS).flat().sort());
    expect(spans().filter((span) => '0' in span.attributes)).toEqual([]);
  });
});

it('without an SDK, calls go on as they were, and no header is added', async () => {
  const provider = trace.getTracerProvider();
  trace.disable();
  try {
    await startService({ ...options, tracing: true }, { controllers: [Handlers] });
    const client = await startClient({ ...options, tracing: true });
    expect(await lastValueFrom(client.send('headers', {}))).toEqual({});
  } finally {
    trace.setGlobalTracerProvider(provider);
  }
});

it('a processor of spans, or a propagator, that throws costs spans only', async () => {
  const provider = trace.getTracerProvider();
  trace.disable();
  const broken = () => {
    throw new Error('of the tracer');
  };
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan: broken, startActiveSpan: broken }) });
  try {
    await startService({ ...options, tracing: true }, { controllers: [Handlers] });
    const client = await startClient({ ...options, tracing: true });
    expect(await lastValueFrom(client.send('stream', {}))).toBe(3);
    await lastValueFrom(client.emit('told', 1), { defaultValue: undefined });
  } finally {
    trace.disable();
    trace.setGlobalTracerProvider(provider);
  }
});
