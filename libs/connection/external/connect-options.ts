import { inspect } from 'node:util';

import { OptionsInvalidError, REDACTED } from '../../base/index.js';
import { type ConnectionOptions, PING_INTERVAL_MS } from '../options.js';
import { DialCredentials, type DialCredentialsSettings } from './dial-credentials.js';

/**
 * The authentication fields of one `CONNECT`.
 * @public
 */
export type PresentedFields =
  | { user: string; pass?: string }
  | { auth_token: string }
  | { nkey: string; sig: string }
  | { jwt: string; nkey?: string; sig?: string };

/**
 * TLS options of nats.js: files by their path, or PEM.
 * @public
 */
export interface NatsTlsOptions {
  /** Path of the certificates of authorities. */
  caFile?: string;
  /** Certificates of authorities. */
  ca?: string;
  /** Path of the client's certificate. */
  certFile?: string;
  /** The client's certificate. */
  cert?: string;
  /** Path of the client's private key. */
  keyFile?: string;
  /** The client's private key. */
  key?: string;
  /** Starts TLS before the server has said anything. */
  handshakeFirst?: boolean;
}

/**
 * What `connect()` of nats.js takes, 2.x and 3.x alike. It holds no credentials: they are read when a server is dialled, and neither
 * `inspect()` nor JSON shows them. Other connection options of the registration are there, too.
 * @public
 */
export interface NatsConnectOptions {
  /** Presents the newest user info; called for each dial. */
  authenticator: (nonce?: string) => PresentedFields;
  /** `true`: nats.js would close the connection for good after two rejections. */
  ignoreAuthErrorAbort: boolean;
  /** As the registration says; default: true. */
  reconnect: boolean;
  /** As the registration says; default: -1, no limit. */
  maxReconnectAttempts: number;
  /** As the registration says, in ms; default: 20,000. */
  pingInterval: number;
  /** The servers of the registration, as `host:port`. */
  servers: string[];
  /** Name of the connection at the server. */
  name?: string;
  /** There when the registration, or a `tls://` address in it, demands TLS. */
  tls?: NatsTlsOptions | null;
  /** Prefix of reply subjects. */
  inboxPrefix?: string;
  /** How long one dial may take, in ms. */
  timeout?: number;
  /** Unanswered pings allowed. */
  maxPingOut?: number;
  /** Time between two dials of one server, in ms. */
  reconnectTimeWait?: number;
  /** Random time on top of it, in ms. */
  reconnectJitter?: number;
  /** The same under TLS, in ms. */
  reconnectJitterTLS?: number;
  /** Replaces `reconnectTimeWait` and jitter, in ms. */
  reconnectDelayHandler?: () => number;
  /** Dials the servers in the order given. */
  noRandomize?: boolean;
  /** Keeps dialling when no server can be reached at the first connect. */
  waitOnFirstConnect?: boolean;
  /** Ignores the servers that the cluster announces. */
  ignoreClusterUpdates?: boolean;
  /** Does not hear what it has published itself. */
  noEcho?: boolean;
}

/** Read by NestJS's transport and unknown to nats.js. */
const OF_NESTJS = [
  ...['url', 'queue', 'headers', 'serializer', 'deserializer'],
  ...['gracefulShutdown', 'gracePeriod'],
];
const DEFAULT_SERVER = '127.0.0.1:4222';

/** By their authenticator: it is what survives when the options are copied. */
const credentialsOf = new WeakMap<object, DialCredentials>();

/**
 * Makes options for connections that a library opens itself.
 * @param options connection options of the registration that have been validated.
 * @throws {Error} as {@link DialCredentials.create}.
 */
export async function createConnectOptions(
  settings: Omit<DialCredentialsSettings, 'reconnectTimeWait'>,
  options: ConnectionOptions,
): Promise<{ readonly options: NatsConnectOptions; readonly credentials: DialCredentials }> {
  const { reconnectTimeWait, servers = [DEFAULT_SERVER], tls } = options;
  const credentials = await DialCredentials.create({ ...settings, reconnectTimeWait });
  const authenticator = (nonce?: string) => credentials.present(nonce) as PresentedFields;
  credentialsOf.set(authenticator, credentials);
  const given = Object.entries(options).filter(([option]) => !OF_NESTJS.includes(option));
  return {
    credentials,
    options: {
      reconnect: true,
      maxReconnectAttempts: -1,
      pingInterval: PING_INTERVAL_MS,
      ...Object.fromEntries(given),
      servers: [servers].flat(),
      ...(tls ? { tls: concealed(tls) } : {}),
      ignoreAuthErrorAbort: true,
      authenticator,
    },
  };
}

/**
 * The credentials behind options that were made here.
 * @throws {@link OptionsInvalidError} they were made elsewhere.
 */
export function credentialsBehind(options: Pick<NatsConnectOptions, 'authenticator'>): DialCredentials {
  const { authenticator } = options as Partial<NatsConnectOptions>;
  const credentials = authenticator && credentialsOf.get(authenticator);
  if (credentials) return credentials;
  throw new OptionsInvalidError(
    'options',
    `expected what connectionOptions() has returned, or a copy with the same 'authenticator'.`,
  );
}

/** A copy that shows nothing when it is printed: a private key may stand in it. */
function concealed(tls: object): NatsTlsOptions {
  return Object.defineProperties(
    { ...tls },
    { [inspect.custom]: { value: () => REDACTED }, toJSON: { value: () => REDACTED } },
  );
}
