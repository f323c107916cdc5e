import { isolated } from '../../libs/base/index.js';
import { serverAttributes } from './attributes.js';
import type { Followed } from './followed.js';
import { addMissing, headersGetter, headersSetter, isHeaders } from './message-headers.js';
import type { OpenTelemetry } from './open-telemetry.js';
import type { Spans } from './spans.js';
import type { MessageHeaders } from './traced-operation.js';

/** Where a call that is followed is kept: in the packet that the serializer is given. */
const SENT = Symbol('sent');

/** Puts headers of the application and of the trace into what goes out. */
export interface Propagation {
  readonly otel: OpenTelemetry;
  readonly spans: Spans;
}

/** A packet of a reply. */
interface Packet {
  readonly err?: unknown;
  readonly isDisposed?: boolean;
}

/** A `send()` or an `emit()` that somebody follows, from the call until its last reply or its confirmation. */
export class SentMessage {
  #replies = 0;

  constructor(
    private readonly operation: Followed,
    private readonly newHeaders: () => MessageHeaders,
    private readonly propagation: Propagation | undefined,
    /** What subscribers of the channel want to have sent. */
    private readonly more: MessageHeaders | undefined,
  ) {}

  /** The call that `packet` is sent for. */
  static of(packet: object): SentMessage | undefined {
    return (packet as { [SENT]?: SentMessage })[SENT];
  }

  /** Has `of()` find the call. */
  in<T extends object>(packet: T): T {
    Object.defineProperty(packet, SENT, { value: this });
    return packet;
  }

  /** The serializer runs in the context of the call: it may be the one that puts that into the headers. */
  run<T>(serialize: () => T): T {
    return this.operation.run(serialize);
  }

  /** The headers that go out: those of the application, which stay as they are, and those of the trace. */
  headers(own: unknown): unknown {
    if (!isNil(own) && !isHeaders(own)) return own;
    // A propagator that throws costs the trace, not the message.
    const headers = isolated(
      () => this.#headersBeside(own ?? undefined),
      () => {},
    );
    return headers ?? own;
  }

  #headersBeside(own: MessageHeaders | undefined): MessageHeaders | undefined {
    const { propagation, more } = this;
    const { span } = this.operation;
    if (!(span && propagation) && !hasAny(more)) return undefined;
    const headers = this.newHeaders();
    for (const given of [own, more]) if (given) addMissing(headers, given);
    if (span && propagation) {
      const { otel, spans } = propagation;
      const given = otel.propagation.extract(otel.ROOT_CONTEXT, headers, headersGetter);
      const context = spans.contextFor(span, given);
      if (context) otel.propagation.inject(context, headers, headersSetter);
    }
    return hasAny(headers) ? headers : undefined;
  }

  /** It goes out to this server. */
  goesOut(bytes: number, server: string | undefined): void {
    const { span, told } = this.operation;
    span?.span.setAttributes({
      'messaging.message.body.size': bytes,
      ...(server !== undefined && serverAttributes(server)),
    });
    if (told) Object.assign(told.message, { bytes, server });
  }

  /** Nobody was there to answer it, and it is sent once more. */
  sentAgain(): void {
    this.operation.note('sent again');
  }

  /** Hears the packets of the reply before the caller does. */
  hearing<P extends Packet>(heard: (packet: P) => unknown): (packet: P) => unknown {
    return (packet) => {
      if (packet.err) this.failed(packet.err);
      else if (packet.isDisposed) this.#answered('response' in packet && packet.response !== undefined);
      else this.#replies++;
      return heard(packet);
    };
  }

  failed(error: unknown): void {
    this.operation.failed(error);
    this.#end();
  }

  /** The server has the event. */
  confirmed(): void {
    this.operation.end();
  }

  /** The caller has unsubscribed: after the last reply, or without it. */
  left(): void {
    if (this.operation.isOver) return;
    if (this.#replies === 0) this.operation.failed(new GivenUp());
    this.#end(true);
  }

  #answered(withReply: boolean): void {
    if (withReply) this.#replies++;
    this.#end();
  }

  #end(unsubscribed?: true): void {
    this.operation.end({ replies: this.#replies, ...(unsubscribed && { unsubscribed }) });
  }
}

/** What a span says of a request whose caller has unsubscribed, such as at a time-out of its own. */
class GivenUp extends Error {
  override name = 'GivenUp';
  readonly code = 'cancelled';

  constructor() {
    super('The caller unsubscribed before a reply came, such as at its own time-out.');
  }
}

function isNil(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function hasAny(headers: MessageHeaders | undefined): boolean {
  return headers !== undefined && [...headers.keys()].length > 0;
}
