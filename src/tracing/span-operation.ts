import type { Facts } from '../../libs/base/index.js';
import { attributesOf, errorAttributes, exceptionAttributes, messageOf } from './attributes.js';
import { type Context, type OpenTelemetry, type Span, STATUS_ERROR } from './open-telemetry.js';

/** For how long one span follows a connect that does not succeed, in ms: only what has ended can be seen. */
const LONGEST_SPAN_MS = 30_000;

/** An operation with a span. */
export class SpanOperation {
  protected current: Span;
  protected context: Context;

  constructor(
    protected readonly otel: OpenTelemetry,
    span: Span,
    parent: Context,
  ) {
    this.current = span;
    this.context = otel.trace.setSpan(parent, span);
  }

  get span(): Span {
    return this.current;
  }

  /** The context of the caller with this span in it. */
  get ownContext(): Context {
    return this.context;
  }

  run<T>(work: () => T): T {
    return this.otel.context.with(this.context, work);
  }

  note(what: string, facts: Facts = {}, error?: unknown): void {
    const more = error === undefined ? {} : errorAttributes(error);
    this.current.addEvent(what, { ...attributesOf(facts), ...more });
  }

  follows(other: SpanOperation): void {
    this.current.addLink({ context: other.span.spanContext() });
  }

  failed(error: unknown): void {
    const { 'error.type': type } = errorAttributes(error);
    this.current.addEvent('exception', exceptionAttributes(error));
    this.current.setAttributes({ 'error.type': type });
    this.current.setStatus({ code: STATUS_ERROR, message: messageOf(error) });
  }

  end(facts: Facts = {}): void {
    this.current.setAttributes(attributesOf(facts));
    this.current.end();
  }
}

/** An operation that may go on for hours: after a failure its span ends, and the next one links to it. */
export class LastingSpanOperation extends SpanOperation {
  readonly #parent: Context;
  #since: number;

  /** @param start starts the next span. */
  constructor(
    otel: OpenTelemetry,
    parent: Context,
    private readonly start: (before?: Span) => Span,
    private readonly now: () => number = () => performance.now(),
  ) {
    super(otel, start(), parent);
    this.#parent = parent;
    this.#since = now();
  }

  override note(what: string, facts: Facts = {}, error?: unknown): void {
    super.note(what, facts, error);
    if (error === undefined || this.now() - this.#since < LONGEST_SPAN_MS) return;
    this.failed(error);
    this.end({ outcome: 'continued' });
    this.current = this.start(this.current);
    this.context = this.otel.trace.setSpan(this.#parent, this.current);
    this.#since = this.now();
  }
}
