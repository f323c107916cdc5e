import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { eventually } from 'nestjs-nats-auth/testing';
import { beforeEach } from 'vitest';

const exporter = new InMemorySpanExporter();

/** Registers an SDK that keeps the spans of this process in memory, as an application registers one of its own. */
export function registerSdk(): void {
  const spanProcessors = [new SimpleSpanProcessor(exporter)];
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(
    new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
  );
}

/** Registers it for a spec; each test begins without spans. */
export function recordSpans(): void {
  registerSdk();
  beforeEach(() => exporter.reset());
}

export const tracer = trace.getTracer('of the test');

/** The spans that have ended. */
export function spans(): ReadableSpan[] {
  return exporter.getFinishedSpans();
}

/** Those of a name. */
export function spansNamed(name: string): ReadableSpan[] {
  return spans().filter((span) => span.name === name);
}

/** The one span of a name, once it has ended. */
export async function spanNamed(name: string): Promise<ReadableSpan> {
  await eventually(() => spansNamed(name).length > 0, {
    what: `a span '${name}' beside ${spans()
      .map((span) => span.name)
      .join(', ')}`,
  });
  const [span, ...more] = spansNamed(name);
  if (!span || more.length > 0) throw new Error(`There are ${more.length + 1} spans '${name}'.`);
  return span;
}

/** Runs work in a span of the application. */
export function inSpan<T>(name: string, work: () => Promise<T>): Promise<T> {
  return tracer.startActiveSpan(name, async (span) => {
    try {
      return await work();
    } finally {
      span.end();
    }
  });
}
