import { describeValue, flag, knownKeys, OptionsInvalidError } from '../../libs/base/index.js';
import type { SpanAttributes, TracedOperation } from './traced-operation.js';

/**
 * Spans of OpenTelemetry. Each kind has a switch.
 * @public
 */
export interface TracingOptions {
  /** A span for each `send()` and `emit()`; its context goes out in the message's headers. Default: true. */
  send?: boolean;
  /**
   * A span for each message that is handled; its parent is what the headers name, and it is active while the handler runs.
   * Default: true.
   */
  handle?: boolean;
  /** A span for each provider call; it is active while the provider runs. Default: true. */
  refresh?: boolean;
  /** A span for each connect and reconnect. Default: true. */
  connect?: boolean;
  /** A span for each rotation. Default: true. */
  rotation?: boolean;
  /**
   * Gives attributes more for the span of an operation that begins; they take the place of ours that have the same names. For `send`
   * it runs in the caller's async context. One that throws adds nothing, and disturbs nothing. Default: none.
   */
  attributes?: (operation: TracedOperation) => SpanAttributes | undefined;
}

/** The operations that have a switch. */
export const TRACED = ['send', 'handle', 'refresh', 'connect', 'rotation'] as const;

/** `TracingOptions` with the defaults filled in. */
export type TracingSettings = Readonly<Record<(typeof TRACED)[number], boolean>> &
  Pick<TracingOptions, 'attributes'>;

/**
 * @returns `undefined` when there are to be no spans.
 * @throws {@link OptionsInvalidError}
 */
export function tracingSettings(options: TracingOptions | boolean = false): TracingSettings | undefined {
  if (options === false) return undefined;
  const given = options === true ? {} : options;
  knownKeys('tracing', given, [...TRACED, 'attributes']);
  const { attributes } = given;
  if (attributes !== undefined && typeof (attributes as unknown) !== 'function')
    throw new OptionsInvalidError(
      'tracing.attributes',
      `expected a function, got ${describeValue(attributes)}.`,
    );
  const isOn = (name: (typeof TRACED)[number]) => flag(`tracing.${name}`, given[name] ?? true);
  return {
    send: isOn('send'),
    handle: isOn('handle'),
    refresh: isOn('refresh'),
    connect: isOn('connect'),
    rotation: isOn('rotation'),
    attributes,
  };
}
