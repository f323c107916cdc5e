import {
  type Backoff,
  type BackoffOptions,
  backoffSettings,
  describeValue,
  flag,
  knownKeys,
  OptionsInvalidError,
} from '../../../libs/base/index.js';

/**
 * What happens when the server refuses the subscriptions of handlers: for want of a permission, or because of a limit.
 * @public
 */
export interface HandlersOptions {
  /**
   * The patterns of handlers that the server may refuse, as they are in `@MessagePattern()` and `@EventPattern()`; an object
   * as the JSON that NestJS makes of it. `true`: all of them. Such a refusal is told once, and neither turns health down nor
   * counts in the metrics nor keeps a rotation from taking over. Default: none.
   */
  mayBeRefused?: true | readonly string[];
  /**
   * Makes `listen()` reject with `SUBSCRIPTION_REFUSED` when the server refuses a handler that may not be refused. By default
   * the others are served, an error is logged, and health is down. Default: false.
   */
  failStart?: boolean;
  /**
   * Backoff between attempts to subscribe again what was refused, and the reply inbox of the client: a server does not tell
   * when it grants a permission. Besides, all is subscribed at each reconnect and rotation. Default: 1,000 ms, doubling up to
   * 30,000.
   */
  retry?: BackoffOptions;
}

/** `HandlersOptions` with the defaults filled in. */
export interface HandlersSettings {
  readonly mayBeRefused: true | ReadonlySet<string>;
  readonly failStart: boolean;
  readonly retry: Backoff;
}

/** @throws {@link OptionsInvalidError} */
export function handlersSettings(options: HandlersOptions = {}): HandlersSettings {
  knownKeys('handlers', options, ['mayBeRefused', 'failStart', 'retry']);
  const { mayBeRefused = [], failStart = false, retry = {} } = options;
  knownKeys('handlers.retry', retry, ['initialDelay', 'maxDelay', 'factor']);
  return {
    mayBeRefused: patterns(mayBeRefused),
    failStart: flag('handlers.failStart', failStart),
    retry: backoffSettings('handlers.retry', retry, 1_000),
  };
}

/** Checks that each pattern that may be refused has a handler: one with a typing error would be refused none the less. */
export function assertHandled(
  { mayBeRefused }: HandlersSettings,
  handlers: ReadonlyMap<string, unknown>,
): void {
  if (mayBeRefused === true) return;
  const unknown = [...mayBeRefused].find((pattern) => !handlers.has(pattern));
  if (unknown === undefined) return;
  const some = [...handlers.keys()].slice(0, MOST_PATTERNS).join("', '");
  const more = handlers.size > MOST_PATTERNS ? ', …' : '';
  throw new OptionsInvalidError(
    'handlers.mayBeRefused',
    `'${unknown}' is no handler's pattern; there ${handlers.size === 0 ? 'are no handlers' : `are '${some}'${more}`}.`,
  );
}

/** So many patterns tell what they look like. */
const MOST_PATTERNS = 5;

function patterns(value: unknown): true | ReadonlySet<string> {
  if (value === true) return true;
  if (!Array.isArray(value) || !value.every((one): one is string => typeof one === 'string' && one !== ''))
    throw new OptionsInvalidError(
      'handlers.mayBeRefused',
      `expected true or an array of patterns, got ${describeValue(value)}.`,
    );
  return new Set(value);
}
