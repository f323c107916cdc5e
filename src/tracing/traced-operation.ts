import type { ConnectKind, RotatedMode, RotationTrigger } from '../../libs/connection/index.js';
import type { RefreshReason, Role } from '../../libs/credentials/index.js';

/**
 * What is known of an operation when it begins: what the hook for attributes is given, and what a message of a diagnostics channel
 * begins with. None of it is a payload or a secret of this package.
 * @public
 */
export type TracedOperation = TracedSend | TracedHandle | TracedRefresh | TracedConnect | TracedRotation;

/**
 * A `send()` or an `emit()`.
 * @public
 */
export interface TracedSend {
  /** Which operation it is. */
  readonly operation: 'send';
  /** The registration's name. */
  readonly connection: string;
  /** A request is answered, an event is not. */
  readonly type: 'request' | 'event';
  /** What it is sent to. */
  readonly subject: string;
}

/**
 * A message that is handled, until its reply is complete.
 * @public
 */
export interface TracedHandle {
  /** Which operation it is. */
  readonly operation: 'handle';
  /** The registration's name. */
  readonly connection: string;
  /** A request wants an answer, an event does not. */
  readonly type: 'request' | 'event';
  /** What it was sent to. */
  readonly subject: string;
  /** What the handler has subscribed: it may have wildcards. */
  readonly pattern: string;
  /** The queue group of the handler, if it was given one. */
  readonly queue?: string;
  /** Its size in bytes. */
  readonly bytes: number;
  /** `host:port` that it came from. */
  readonly server?: string;
  /** What came with it. */
  readonly headers?: MessageHeaders;
}

/**
 * A provider call.
 * @public
 */
export interface TracedRefresh {
  /** Which operation it is. */
  readonly operation: 'refresh';
  /** The registration's name. */
  readonly connection: string;
  /** Who may present what the call gives. */
  readonly role: Role | 'shared';
  /** Why user info is wanted. */
  readonly reason: RefreshReason;
  /** 1, 2, … within one resolution. */
  readonly attempt: number;
  /** `host:port` about to be dialled, when one is. */
  readonly server?: string;
}

/**
 * A connect, from its begin or from the loss of the connection until the role is served; all servers that are dialled are in it.
 * @public
 */
export interface TracedConnect {
  /** Which operation it is. */
  readonly operation: 'connect';
  /** The registration's name. */
  readonly connection: string;
  /** What the connection is for. */
  readonly role: Role;
  /** How it comes about. */
  readonly kind: ConnectKind;
}

/**
 * A rotation, until the old connection is closed.
 * @public
 */
export interface TracedRotation {
  /** Which operation it is. */
  readonly operation: 'rotation';
  /** The registration's name. */
  readonly connection: string;
  /** What the connection is for. */
  readonly role: Role;
  /** What triggered it. */
  readonly trigger: RotationTrigger;
  /** How it is to move the connection. */
  readonly mode: RotatedMode;
}

/**
 * The headers of a NATS message, as nats.js has them; names are told apart by their case.
 * @public
 */
export interface MessageHeaders {
  /** The first value, or an empty text. */
  get(name: string): string;
  /** Sets the only value. */
  set(name: string, value: string): void;
  /** Adds a value. */
  append(name: string, value: string): void;
  /** Whether there is a value. */
  has(name: string): boolean;
  /** The names. */
  keys(): Iterable<string>;
  /** All values. */
  values(name: string): Iterable<string>;
}

/**
 * Attributes of a span, as OpenTelemetry takes them.
 * @public
 */
export type SpanAttributes = Record<
  string,
  string | number | boolean | string[] | number[] | boolean[] | undefined
>;
