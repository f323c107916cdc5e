import {
  type Facts,
  isolated,
  type Observer,
  type Operation,
  type OperationKind,
} from '../../libs/base/index.js';
import { isHeard, ToldOperation } from './channels.js';
import { Followed } from './followed.js';
import { HandledMessage } from './handled-message.js';
import type { OpenTelemetry } from './open-telemetry.js';
import { type Propagation, SentMessage } from './sent-message.js';
import type { SpanOperation } from './span-operation.js';
import { Spans } from './spans.js';
import type { MessageHeaders, TracedHandle, TracedOperation } from './traced-operation.js';
import type { TracingSettings } from './tracing-options.js';

/** OpenTelemetry, and what is wanted of it. */
export interface SpansWanted {
  readonly otel: OpenTelemetry;
  readonly settings: TracingSettings;
}

/**
 * Has the operations of one registration followed: with spans where those are wanted, and on the diagnostics channels that have
 * subscribers. What nobody follows costs a look at a flag.
 */
export class Tracing implements Observer {
  readonly #propagation?: Propagation;
  readonly #settings?: TracingSettings;

  /**
   * @param connection the registration's name.
   * @param newHeaders makes headers of the driver.
   */
  constructor(
    private readonly connection: string,
    private readonly newHeaders: () => MessageHeaders,
    wanted?: SpansWanted,
  ) {
    if (!wanted) return;
    const { otel, settings } = wanted;
    this.#settings = settings;
    this.#propagation = { otel, spans: new Spans(otel, settings) };
  }

  begin(kind: OperationKind, facts: Facts, within?: Operation): Operation | undefined {
    if (!this.#follows(kind)) return undefined;
    const part = within instanceof Followed ? within : undefined;
    return this.#begin({ operation: kind, ...facts } as TracedOperation, part);
  }

  /** @param subject is read only when somebody follows. */
  sends(type: 'request' | 'event', subject: () => string): SentMessage | undefined {
    if (!this.#follows('send')) return undefined;
    // A pattern that is none fails the call where it is sent.
    const named = isolated(subject, () => {});
    if (named === undefined) return undefined;
    const { connection } = this;
    const operation: TracedOperation = { operation: 'send', connection, type, subject: named };
    const headers = isHeard('send') ? this.newHeaders() : undefined;
    const followed = this.#begin(operation, undefined, headers && { headers });
    return new SentMessage(followed, this.newHeaders, this.#propagation, headers);
  }

  handles(message: Omit<TracedHandle, 'operation' | 'connection'>): HandledMessage {
    const operation: TracedOperation = { operation: 'handle', connection: this.connection, ...message };
    return new HandledMessage(this.#begin(operation), message.type === 'request');
  }

  /** Whether somebody follows the messages that are handled. */
  get followsHandling(): boolean {
    return this.#follows('handle');
  }

  #follows(operation: TracedOperation['operation']): boolean {
    return this.#settings?.[operation] === true || isHeard(operation);
  }

  #begin(operation: TracedOperation, within?: Followed, more?: object): Followed {
    const span: SpanOperation | undefined = this.#propagation?.spans.begin(operation, within?.span);
    const told = isHeard(operation.operation) ? new ToldOperation(operation, more, within?.told) : undefined;
    return new Followed(span, told);
  }
}
