import {
  type Backoff,
  type BackoffOptions,
  backoffSettings,
  duration,
  knownKeys,
  oneOf,
} from '../../base/index.js';

/** How a live connection moves to newer user info: the values of `rotation.mode`. */
export type RotationMode = 'handover' | 'reconnect' | 'none';

/**
 * How a live connection moves to newer user info.
 * @public
 */
export interface RotationOptions {
  /**
   * `handover` opens the new connection before it closes the old one and loses nothing. `reconnect` tries the user info on a
   * separate connection and then reconnects in place, so that the nats.js connection object stays the same. `none` never
   * rotates on its own: the server ends the connection at its expiry, and `NatsAuthService.rotate()` reconnects in place.
   * Default: `handover`.
   */
  mode?: RotationMode;
  /** How long pending handlers and replies may delay the close of the old connection, in ms. Default: 30,000. */
  timeout?: number;
  /**
   * How long an address may stay silent before the next one is tried, in ms. Applies to all addresses of a handover; to
   * those that the cluster announced and nobody configured; to those of a lost connection, where the limit doubles each
   * time, up to `connection.timeout`; and at the first connect to host names with several addresses. The limit covers the
   * time until the server has sent INFO and TLS is established; after that `connection.timeout` applies, so that an auth
   * callout has enough time. Default: 2,000.
   */
  dialTimeout?: number;
  /** Backoff between attempts when a rotation fails. Default: 250 ms, doubling up to 30,000. */
  retry?: BackoffOptions;
}

/** `RotationOptions` with the defaults filled in. */
export interface RotationSettings {
  readonly mode: RotationMode;
  readonly timeout: number;
  readonly dialTimeout: number;
  readonly retry: Backoff;
}

/** @throws {@link OptionsInvalidError} */
export function rotationSettings(options: RotationOptions = {}): RotationSettings {
  knownKeys('rotation', options, ['mode', 'timeout', 'dialTimeout', 'retry']);
  const { mode = 'handover', timeout = 30_000, dialTimeout = 2_000, retry = {} } = options;
  knownKeys('rotation.retry', retry, ['initialDelay', 'maxDelay', 'factor']);
  return {
    mode: oneOf('rotation.mode', mode, ['handover', 'reconnect', 'none']),
    timeout: duration('rotation.timeout', timeout, 0),
    dialTimeout: duration('rotation.dialTimeout', dialTimeout, 1),
    retry: backoffSettings('rotation.retry', retry, 250),
  };
}
