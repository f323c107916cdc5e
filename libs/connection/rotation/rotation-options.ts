import {
  type Backoff,
  type BackoffOptions,
  backoffSettings,
  duration,
  knownKeys,
  oneOf,
} from '../../base/index.js';

/** How a live connection moves to newer user info, as `rotation.mode` says. */
export type RotationMode = 'handover' | 'reconnect' | 'none';

/**
 * How a live connection moves to newer user info.
 * @public
 */
export interface RotationOptions {
  /**
   * `handover` opens the new connection before it lets go of the old one and loses nothing. `reconnect` tries
   * the user info out and dials again in place, so that the nats.js connection object stays the same. `none` never rotates by itself: the server ends the
   * connection at its expiry, and `NatsAuthService.rotate()` reconnects in place. Default: `handover`.
   */
  mode?: RotationMode;
  /** How long handlers and replies under way may hold up the close of the old connection, in ms. Default: 30,000. */
  timeout?: number;
  /**
   * For how long an address may say nothing before the next one is tried, in ms: for the addresses of a handover, for those that the
   * cluster told of and nobody configured, for those of a connection that was lost, which get twice as much each time, up to
   * `connection.timeout`, and at the first connect for those whose name has more of them. It ends with the server's INFO and TLS; from
   * then on `connection.timeout` counts, so that an auth callout has its time. Default: 2,000.
   */
  dialTimeout?: number;
  /** Backoff between the attempts of a rotation that fails. Default: 250 ms, doubling up to 30,000. */
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
