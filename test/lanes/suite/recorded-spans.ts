import { randomBytes } from 'node:crypto';

import {
  type Context,
  propagation,
  type Span,
  type TextMapPropagator,
  trace,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api';

/** A span, as far as the lanes look at it. */
export interface RecordedSpan {
  readonly name: string;
  readonly id: string;
  readonly parent?: string;
}

const spans: RecordedSpan[] = [];

export function recorded(): readonly RecordedSpan[] {
  return spans;
}

/** Stands in for an SDK, until the returned function is called. */
export function recordSpans(): () => void {
  spans.length = 0;
  trace.setGlobalTracerProvider({ getTracer: () => tracer });
  propagation.setGlobalPropagator(traceparent);
  return () => {
    trace.disable();
    propagation.disable();
  };
}

const startSpan = (name: string, _options: unknown, context: Context): Span => {
  const parent = trace.getSpanContext(context);
  const id = randomBytes(8).toString('hex');
  spans.push({ name, id, ...(parent && { parent: parent.spanId }) });
  return trace.wrapSpanContext({
    traceId: parent?.traceId ?? randomBytes(16).toString('hex'),
    spanId: id,
    traceFlags: TraceFlags.SAMPLED,
  });
};
const tracer = { startSpan } as unknown as Tracer;

const traceparent: TextMapPropagator = {
  inject: (context, carrier, setter) => {
    const span = trace.getSpanContext(context);
    if (span) setter.set(carrier, 'traceparent', `00-${span.traceId}-${span.spanId}-01`);
  },
  extract: (context, carrier, getter) => {
    const [, traceId, spanId] = String(getter.get(carrier, 'traceparent')).split('-');
    if (traceId === undefined || spanId === undefined) return context;
    return trace.setSpanContext(context, { traceId, spanId, traceFlags: TraceFlags.SAMPLED });
  },
  fields: () => ['traceparent'],
};
