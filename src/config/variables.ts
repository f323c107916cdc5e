import { readFileSync } from 'node:fs';

import { serverAddresses } from '../../libs/connection/index.js';
import { describeValue, OptionsInvalidError, quoted } from '../../libs/base/index.js';

/** One environment variable: where its value goes in `NatsAuthOptions`, and how it is read. */
export interface Variable {
  readonly name: string;
  /** As in `connection.tls.caFile`. */
  readonly option: string;
  readonly read: (text: string, name: string) => unknown;
  /** What it accepts, for the documentation. */
  readonly accepts: string;
}

const text: Variable['read'] = (value) => value;
const addresses: Variable['read'] = (value, name) => {
  serverAddresses(name, value);
  return value.split(',').map((part) => part.trim());
};
const file: Variable['read'] = (path, name) => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new OptionsInvalidError(name, `the file ${quoted(path)} cannot be read (${reason}).`);
  }
};
const number: Variable['read'] = (value, name) => {
  const result = value.trim().toLowerCase() === 'infinity' ? Infinity : Number(value);
  if (value.trim() === '' || Number.isNaN(result))
    throw new OptionsInvalidError(name, `expected a number, got ${describeValue(value, 'text')}.`);
  return result;
};
const flag: Variable['read'] = (value, name) => {
  if (!['true', 'false'].includes(value))
    throw new OptionsInvalidError(name, `expected 'true' or 'false', got ${describeValue(value, 'text')}.`);
  return value === 'true';
};
const numberOrOff: Variable['read'] = (value, name) => (value === 'off' ? false : number(value, name));

const variable = (name: string, option: string, read: Variable['read'], accepts: string): Variable => ({
  name,
  option,
  read,
  accepts,
});

/** Every variable that `natsAuthConfig` reads. Credentials are not among them: they come from the provider. */
export const VARIABLES: readonly Variable[] = [
  variable('NATS_SERVERS', 'connection.servers', addresses, 'addresses, separated by commas'),
  variable('NATS_NAME', 'connection.name', text, 'the name that the server shows for the connection'),
  variable('NATS_QUEUE', 'connection.queue', text, 'the queue group of handlers that name none'),
  variable('NATS_INBOX_PREFIX', 'connection.inboxPrefix', text, 'a subject, `_INBOX` by default'),
  variable('NATS_TLS_CA_FILE', 'connection.tls.caFile', text, 'a path'),
  variable('NATS_TLS_CERT_FILE', 'connection.tls.certFile', text, 'a path'),
  variable('NATS_TLS_KEY_FILE', 'connection.tls.keyFile', text, 'a path'),
  variable('NATS_TLS_HANDSHAKE_FIRST', 'connection.tls.handshakeFirst', flag, '`true` or `false`'),
  variable('NATS_CONNECT_TIMEOUT', 'connection.timeout', number, 'ms for one dial'),
  variable(
    'NATS_RECONNECT_TIME_WAIT',
    'connection.reconnectTimeWait',
    number,
    'ms between two dials of one server',
  ),
  variable(
    'NATS_MAX_RECONNECT_ATTEMPTS',
    'connection.maxReconnectAttempts',
    number,
    'a number, `-1` for no limit',
  ),
  variable('NATS_WAIT_ON_FIRST_CONNECT', 'connection.waitOnFirstConnect', flag, '`true` or `false`'),
  variable('NATS_GRACEFUL_SHUTDOWN', 'connection.gracefulShutdown', flag, '`true` or `false`'),
  variable('NATS_GRACE_PERIOD', 'connection.gracePeriod', number, 'ms'),
  variable('NATS_AUTH_SENTINEL_CREDS_FILE', 'sentinel.creds', file, 'the path of a `.creds` file'),
  variable('NATS_AUTH_SENTINEL_JWT', 'sentinel.jwt', text, 'a bearer JWT'),
  variable('NATS_AUTH_REFRESH_TIMEOUT', 'refresh.timeout', number, 'ms'),
  variable('NATS_AUTH_REFRESH_MAX_ATTEMPTS', 'refresh.retry.maxAttempts', number, 'a number or `Infinity`'),
  variable('NATS_AUTH_REFRESH_REUSE', 'refresh.reuse', numberOrOff, 'ms that must remain, or `off`'),
  variable(
    'NATS_AUTH_REFRESH_AHEAD',
    'refresh.ahead.fraction',
    number,
    'a fraction of the lifetime, such as `0.8`',
  ),
  variable('NATS_AUTH_REJECTION_MAX_ON_CONNECT', 'rejection.maxOnConnect', number, 'a number or `Infinity`'),
  variable('NATS_AUTH_ROTATION_MODE', 'rotation.mode', text, '`handover`, `reconnect` or `none`'),
  variable('NATS_AUTH_ROTATION_TIMEOUT', 'rotation.timeout', number, 'ms'),
  variable('NATS_AUTH_ROTATION_DIAL_TIMEOUT', 'rotation.dialTimeout', number, 'ms'),
  variable('NATS_AUTH_WHILE_DISCONNECTED', 'client.whileDisconnected', text, '`wait` or `fail`'),
  variable('NATS_AUTH_METRICS_PATH', 'metrics.path', text, 'a path, such as `/metrics`'),
  variable('NATS_AUTH_METRICS_PORT', 'metrics.port', number, 'a port'),
  variable('NATS_AUTH_METRICS_HOST', 'metrics.host', text, 'an address'),
  variable('NATS_AUTH_MAX_WAITING', 'client.maxWaiting', number, 'a number'),
];
