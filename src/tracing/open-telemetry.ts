import { exportsOf, PackageMissingError } from '../../libs/base/index.js';
import type { SpanAttributes } from './traced-operation.js';

/**
 * The part of `@opentelemetry/api` that this package uses. Named here, so that neither our code nor our types need the package
 * when there are no spans.
 */
export interface OpenTelemetry {
  readonly trace: {
    getTracer(name: string): Tracer;
    setSpan(context: Context, span: Span): Context;
    getSpanContext(context: Context): SpanContext | undefined;
    isSpanContextValid(spanContext: SpanContext): boolean;
  };
  readonly context: {
    active(): Context;
    with<T>(context: Context, work: () => T): T;
  };
  readonly propagation: {
    inject<Carrier>(context: Context, carrier: Carrier, setter: Setter<Carrier>): void;
    extract<Carrier>(context: Context, carrier: Carrier, getter: Getter<Carrier>): Context;
  };
  readonly ROOT_CONTEXT: Context;
}

export interface Context {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): Context;
  deleteValue(key: symbol): Context;
}

export interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

export interface Link {
  readonly context: SpanContext;
}

export interface Tracer {
  startSpan(name: string, options: SpanOptions, context: Context): Span;
}

export interface SpanOptions {
  readonly kind: number;
  readonly attributes: SpanAttributes;
  readonly links?: Link[];
}

export interface Span {
  spanContext(): SpanContext;
  setAttributes(attributes: SpanAttributes): unknown;
  addEvent(name: string, attributes: SpanAttributes): unknown;
  addLink(link: Link): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  end(): void;
}

export interface Setter<Carrier> {
  set(carrier: Carrier, key: string, value: string): void;
}

export interface Getter<Carrier> {
  keys(carrier: Carrier): string[];
  get(carrier: Carrier, key: string): string | string[] | undefined;
}

/** The values of `SpanKind`. */
export const KIND = { internal: 0, server: 1, client: 2, producer: 3, consumer: 4 } as const;

/** `SpanStatusCode.ERROR`. */
export const STATUS_ERROR = 2;

/** @throws {@link PackageMissingError} */
export async function loadOpenTelemetry(): Promise<OpenTelemetry> {
  try {
    // A literal, inside of a `try`: a bundler takes it in if it is there.
    const imported: object = await import('@opentelemetry/api');
    // The default export of its own ES modules has not all of it.
    return ('ROOT_CONTEXT' in imported ? imported : exportsOf(imported)) as OpenTelemetry;
  } catch (cause) {
    throw new PackageMissingError('tracing', '@opentelemetry/api', cause);
  }
}
