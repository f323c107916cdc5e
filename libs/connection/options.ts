import {
  type Backoff,
  type BackoffOptions,
  backoffSettings,
  count,
  knownKeys,
  noneUndefined,
  OptionsInvalidError,
} from '../base/index.js';
import { UserInfoInvalidError, validateUserInfo } from '../credentials/index.js';
import type { Sentinel } from './dialling/connect-fields.js';

/**
 * The connection options of the stock NATS transport that this library reads; all others are passed on to nats.js.
 * @public
 */
export interface ConnectionOptions {
  /**
   * `host`, `host:port`, `nats://host:port` or `tls://host:port`, without credentials; a string may be a comma-separated
   * list. A single `tls://` demands TLS of every server, including those that the cluster announces. Default:
   * `127.0.0.1:4222`.
   */
  servers?: string | string[];
  /** How long one dial may take, in ms, at least 1; `rotation.dialTimeout` ends some dials sooner. Default: 20,000. */
  timeout?: number;
  /** Dials the servers in the order given. Default: false, in random order. */
  noRandomize?: boolean;
  /** Failed dials of one server after which nats.js gives it up. Default: -1, never. */
  maxReconnectAttempts?: number;
  /** Time between two dials of one server, in ms. Default: 2,000. */
  reconnectTimeWait?: number;
  /** Random time on top of `reconnectTimeWait`, in ms. Default: 100. */
  reconnectJitter?: number;
  /** Takes the place of `reconnectJitter` when there is `tls`. Default: 1,000. */
  reconnectJitterTLS?: number;
  /** Replaces `reconnectTimeWait` and jitter: returns the time between two dials of one server, in ms. */
  reconnectDelayHandler?: () => number;
  /** Demands TLS, as a `tls://` address does: `caFile`, `certFile` and `keyFile` (paths), or `ca`, `cert` and `key` (PEM); `handshakeFirst`. */
  tls?: unknown;
  /** Prefix of reply subjects. Default: `_INBOX`. */
  inboxPrefix?: string;
  /**
   * Time between two pings of the client, in ms, at least 1. A connection that fails silently counts as lost after `maxPingOut` + 1
   * intervals. Default: 20,000.
   */
  pingInterval?: number;
  /** Unanswered pings allowed; the connection counts as lost when the next one is due. Default: 2. */
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
   * How many rejections make the first connect fail, also under `waitOnFirstConnect`; 1 or more, or Infinity. A rejection
   * counts once every server of the pool has been tried and none has accepted the user info. Default: 5.
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
 * Validates the sentinel in the options.
 * @throws {@link OptionsInvalidError}
 */
export function checkSentinel(sentinel: Sentinel): void {
  knownKeys('sentinel', sentinel, ['creds', 'jwt']);
  noneUndefined('sentinel', sentinel, ['creds', 'jwt'], 'to present none');
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

/** The dial timeout of nats.js, in ms. */
export const DIAL_TIMEOUT_MS = 20_000;

/**
 * Short enough that no common load balancer drops the connection as idle, and that a lost connection is noticed while
 * callers still wait: with its default of 2 min, nats.js takes 4 to 6 min to notice. Measured in docs/performance.md.
 */
export const PING_INTERVAL_MS = 20_000;

/** Replaces the defaults of nats.js that would end a service: it would give up after ten reconnects or two rejections. */
export function driverOptions(options: ConnectionOptions, authenticator: () => object): object {
  const { servers } = options;
  return {
    maxReconnectAttempts: -1,
    pingInterval: PING_INTERVAL_MS,
    ...options,
    servers: Array.isArray(servers) ? [...servers] : servers,
    ignoreAuthErrorAbort: true,
    // `Dialer` decides which servers are dialled until the first connect, and how often: nats.js would drop each one that fails once.
    waitOnFirstConnect: true,
    // `ReconnectPace` waits between dials: a close cannot interrupt the wait of nats.js 2.x. With 0, nats.js would not dial
    // while a wall clock that was set back shows an earlier time than at the last dial.
    reconnectDelayHandler: () => -Infinity,
    authenticator,
  };
}
