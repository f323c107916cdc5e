import * as api from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { beforeEach, expect, it } from 'vitest';

import type { OpenTelemetry, Span } from './open-telemetry.js';
import { LastingSpanOperation } from './span-operation.js';

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const tracer = provider.getTracer('of the test');
/** What this package names of the API, the API has. */
const otel: OpenTelemetry = api;

let now = 0;
beforeEach(() => {
  now = 0;
  exporter.reset();
});

const start = (before?: Span) =>
  tracer.startSpan('connect', { links: before ? [{ context: before.spanContext() }] : [] }, api.ROOT_CONTEXT);
const refused = Object.assign(new Error('cannot reach it'), { code: 'SERVER_UNREACHABLE' });

it('a connect that fails for an hour is a span each half minute, each linked to the one before', () => {
  const connect = new LastingSpanOperation(otel, api.ROOT_CONTEXT, start, () => now);
  for (now = 0; now <= 3_600_000; now += 10_000) connect.note('dial failed', {}, refused);
  const seen = exporter.getFinishedSpans();
  expect(seen).toHaveLength(120);
  for (const [n, span] of seen.entries()) {
    expect(span.status.code).toBe(api.SpanStatusCode.ERROR);
    expect(span.attributes).toEqual({ 'error.type': 'SERVER_UNREACHABLE', 'nats_auth.outcome': 'continued' });
    expect(span.links.map(({ context }) => context.spanId)).toEqual(
      n === 0 ? [] : [seen[n - 1]?.spanContext().spanId],
    );
  }
  connect.end();
  expect(exporter.getFinishedSpans().at(-1)?.status.code).toBe(api.SpanStatusCode.UNSET);
});

it('what is no failure leaves it one span, however long it takes', () => {
  const connect = new LastingSpanOperation(otel, api.ROOT_CONTEXT, start, () => now);
  now = 3_600_000;
  connect.note('took over');
  expect(exporter.getFinishedSpans()).toEqual([]);
});
