import {
  type Backoff,
  type BackoffOptions,
  backoffSettings,
  count,
  knownKeys,
  OptionsInvalidError,
} from '../base/index.js';
import { UserInfoInvalidError, validateUserInfo } from '../credentials/index.js';
import type { Sentinel } from './dialling/connect-fields.js';

/**
 * The stock NATS transport's connection options, as far as this library reads them; the rest is passed on to nats.js.
 * @public
 */
export interface ConnectionOptions {
  /**
   * `host`, `host:port`, `nats://host:port` or `tls://host:port`, without credentials; a text may be a list with commas. One `tls://`
   * demands TLS of every server, those that the cluster tells of included. Default: `127.0.0.1:4222`.
   */
  servers?: string | string[];
  /** How long one dial may take, in ms; `rotation.dialTimeout` ends some sooner. Default: 20,000. */
  timeout?: number;
  /** Dials the servers in their order. Default: false, in random order. */
  noRandomize?: boolean;
  /** Failed dials of one server after which nats.js gives it up. Default: -1, it never does. */
  maxReconnectAttempts?: number;
  /** Time between two dials of one server, in ms. Default: 2,000. */
  reconnectTimeWait?: number;
  /** Random time on top of `reconnectTimeWait`, in ms. Default: 100. */
  reconnectJitter?: number;
  /** Takes the place of `reconnectJitter` when there is `tls`. Default: 1,000. */
  reconnectJitterTLS?: number;
  /** Replaces `reconnectTimeWait` and jitter: gives the time between two dials of one server, in ms. */
  reconnectDelayHandler?: () => number;
  /** Demands TLS, as a `tls://` address does: `caFile`, `certFile` and `keyFile` (paths), or `ca`, `cert` and `key` (PEM); `handshakeFirst`. */
  tls?: unknown;
  /** Prefix of reply subjects. Default: `_INBOX`. */
  inboxPrefix?: string;
  /**
   * Time between two pings of the client, in ms. A connection that is dropped without a word counts as gone after as many pings as
   * `maxPingOut` and one more. Default: 20,000.
   */
  pingInterval?: number;
  /** Pings without an answer after which the next one finds the connection gone. Default: 2. */
  maxPingOut?: number;
  /** Keeps dialling when no server can be reached at the first connect. Default: false, the first connect fails. */
  waitOnFirstConnect?: boolean;
}

/**
 * What happens when the server rejects user info.
 * @public
 */
export interface RejectionOptions extends BackoffOptions {
  /**
   * How often user info may be rejected before the first connect fails, also under `waitOnFirstConnect`; 1 or more, or Infinity. It counts
   * when no server of the pool has accepted it. Default: 5.
   */
  maxOnConnect?: number;
}

/** `RejectionOptions` with the defaults filled in. */
export type RejectionSettings = Backoff & { readonly maxOnConnect: number };

/** @throws {@link OptionsInvalidError} */
export function rejectionSettings(options: RejectionOptions = {}): RejectionSettings {
  knownKeys('rejection', options, ['maxOnConnect', 'initialDelay', 'maxDelay', 'factor']);
  return {
    ...backoffSettings('rejection', options, 100),
    maxOnConnect: count('rejection.maxOnConnect', options.maxOnConnect ?? 5),
  };
}

/**
 * Checks a sentinel that stands in the options.
 * @throws {@link OptionsInvalidError}
 */
export function checkSentinel(sentinel: Sentinel): void {
  knownKeys('sentinel', sentinel, ['creds', 'jwt']);
  if (sentinel.creds !== undefined && sentinel.jwt !== undefined) {
    throw new OptionsInvalidError('sentinel.jwt', `cannot stand beside 'sentinel.creds': give one of them.`);
  }
  for (const field of ['creds', 'jwt'] as const) {
    if (sentinel[field] === undefined) continue;
    try {
      validateUserInfo({ [field]: sentinel[field] });
    } catch (error) {
      if (error instanceof UserInfoInvalidError)
        throw new OptionsInvalidError(`sentinel.${field}`, error.problem);
      throw error;
    }
  }
}

/** The time-out of a dial in nats.js. */
export const DIAL_TIMEOUT_MS = 20_000;

/**
 * Sooner than any common balancer drops what is idle, and soon enough for those who wait: nats.js takes 2 min, and finds a connection gone
 * after 4 to 6. Measured in docs/performance.md.
 */
const PING_INTERVAL_MS = 20_000;

/** Our defaults where those of nats.js end a service: it would give up after ten reconnects or two rejections. */
export function driverOptions(options: ConnectionOptions, authenticator: () => object): object {
  const { servers } = options;
  return {
    maxReconnectAttempts: -1,
    pingInterval: PING_INTERVAL_MS,
    ...options,
    servers: Array.isArray(servers) ? [...servers] : servers,
    ignoreAuthErrorAbort: true,
    // Which servers are dialled until the first connect, and how often, is ours (`Dialer`): nats.js would drop each that fails once.
    waitOnFirstConnect: true,
    // The wait between dials is ours (`ReconnectPace`): that of nats.js 2.x cannot be interrupted by a close. With 0,
    // nats.js would not dial while a wall clock that was set back shows less than it did at the last dial.
    reconnectDelayHandler: () => -Infinity,
    authenticator,
  };
}
