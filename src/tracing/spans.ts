import { isolated } from '../../libs/base/index.js';
import { attributesOf, messagingAttributes, serverAttributes } from './attributes.js';
import { headersGetter } from './message-headers.js';
import {
  type Context,
  KIND,
  type Link,
  type OpenTelemetry,
  type Span,
  type SpanOptions,
  type Tracer,
} from './open-telemetry.js';
import { LastingSpanOperation, SpanOperation } from './span-operation.js';
import type { SpanAttributes, TracedHandle, TracedOperation, TracedSend } from './traced-operation.js';
import type { TracingSettings } from './tracing-options.js';

type Background = Exclude<TracedOperation, TracedSend | TracedHandle>;

/** Starts the spans of one registration. */
export class Spans {
  readonly #tracer: Tracer;

  constructor(
    private readonly otel: OpenTelemetry,
    private readonly settings: TracingSettings,
  ) {
    this.#tracer = otel.trace.getTracer('nestjs-nats-auth');
  }

  /** The span of an operation that begins, if its kind is to have spans. */
  begin(operation: TracedOperation, within?: SpanOperation): SpanOperation | undefined {
    if (!this.settings[operation.operation]) return undefined;
    return isolated(
      () => {
        if (operation.operation === 'send') return this.#send(operation);
        if (operation.operation === 'handle') return this.#handle(operation);
        return this.#inBackground(operation, within);
      },
      // A processor of spans that throws costs a span.
      () => {},
    );
  }

  /** The context that goes out with a message; its span links to one that the application has given the message. */
  contextFor(send: SpanOperation, given: Context): Context | undefined {
    const before = this.#validIn(given);
    if (!before) return send.ownContext;
    if (before.spanId !== send.span.spanContext().spanId) send.span.addLink({ context: before });
    return undefined;
  }

  #send(operation: TracedSend): SpanOperation {
    const isRequest = operation.type === 'request';
    const name = isRequest ? 'send' : 'publish';
    return this.#start(
      `${name} ${operation.subject}`,
      {
        kind: isRequest ? KIND.client : KIND.producer,
        attributes: { ...messagingAttributes(operation, name, 'send'), ...this.#more(operation) },
      },
      this.otel.context.active(),
    );
  }

  #handle(operation: TracedHandle): SpanOperation {
    const { subject, pattern, queue, bytes, headers, type, server } = operation;
    const { ROOT_CONTEXT, propagation } = this.otel;
    const parent = headers ? propagation.extract(ROOT_CONTEXT, headers, headersGetter) : ROOT_CONTEXT;
    const attributes: SpanAttributes = {
      ...messagingAttributes(operation, 'process', 'process'),
      'messaging.message.body.size': bytes,
      ...(pattern !== subject && { 'messaging.destination.template': pattern }),
      ...(queue && { 'messaging.consumer.group.name': queue }),
      ...(server !== undefined && serverAttributes(server)),
      ...this.#more(operation),
    };
    const sender = this.#validIn(parent);
    const kind = type === 'request' ? KIND.server : KIND.consumer;
    // The conventions want a link of a consumer in any case, and allow the parent beside it.
    const links = type === 'event' && sender ? [{ context: sender }] : [];
    return this.#start(`process ${pattern}`, { kind, attributes, links }, parent);
  }

  #inBackground(operation: Background, within: SpanOperation | undefined): SpanOperation {
    const { operation: name, ...facts } = operation;
    const { ROOT_CONTEXT } = this.otel;
    const parent = within?.ownContext ?? ROOT_CONTEXT;
    const attributes = { ...attributesOf(facts), ...this.#more(operation) };
    const options = { kind: name === 'connect' ? KIND.client : KIND.internal, attributes };
    const title = `${name} ${operation.connection}`;
    if (name !== 'connect') return this.#start(title, options, parent);
    const start = (before?: Span) => {
      const links: Link[] = before ? [{ context: before.spanContext() }] : [];
      return this.#tracer.startSpan(title, { ...options, links }, parent);
    };
    return new LastingSpanOperation(this.otel, parent, start);
  }

  #start(name: string, options: SpanOptions, parent: Context): SpanOperation {
    return new SpanOperation(this.otel, this.#tracer.startSpan(name, options, parent), parent);
  }

  #validIn(context: Context) {
    const { trace } = this.otel;
    const found = trace.getSpanContext(context);
    return found && trace.isSpanContextValid(found) ? found : undefined;
  }

  /** What the application adds. */
  #more(operation: TracedOperation): SpanAttributes | undefined {
    const { attributes } = this.settings;
    if (!attributes) return undefined;
    const given: unknown = isolated(
      () => attributes(operation),
      () => {},
    );
    return typeof given === 'object' ? (given as SpanAttributes) : undefined;
  }
}
