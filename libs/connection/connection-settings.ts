import {
  count,
  describeValue,
  duration,
  noneUndefined,
  OptionsInvalidError,
  unsetHint,
} from '../base/index.js';
import { withParsedServers } from './servers/server-list.js';
import { hasWhiteSpace } from './subjects.js';

/**
 * Options that would supply credentials without the provider, including those of older nats.js releases, which the supported
 * ones ignore.
 */
const CREDENTIAL_OPTIONS = [
  ...['user', 'pass', 'token', 'authenticator'],
  ...['nkey', 'userJWT', 'nonceSigner', 'userCreds', 'tokenHandler'],
];

/** Validates the value of one option; `option` is its full name. */
type Check = (option: string, value: never) => unknown;

const ms: Check = (option, value) => duration(option, value, 0);
/** Of an option of which nats.js takes 0 for its default. */
const positiveMs: Check = (option, value) => duration(option, value, 1);
const flag = typed('boolean', 'true or false');
const text = typed('string', 'a string');

/** Values that nats.js and NestJS would misinterpret, some of them only at the first reconnect. */
const CHECKS: Readonly<Record<string, Check>> = {
  name: text,
  queue: checkQueue,
  inboxPrefix: checkInboxPrefix,
  tls: checkTls,
  headers: checkHeaders,
  serializer: method('serialize'),
  deserializer: method('deserialize'),
  timeout: positiveMs,
  pingInterval: positiveMs,
  maxPingOut: count,
  maxReconnectAttempts: checkMaxReconnectAttempts,
  reconnectTimeWait: ms,
  reconnectJitter: ms,
  reconnectJitterTLS: ms,
  reconnectDelayHandler: typed('function', 'a function that gives a number of ms'),
  reconnect: flag,
  noRandomize: flag,
  waitOnFirstConnect: flag,
  ignoreClusterUpdates: flag,
  debug: flag,
  verbose: flag,
  pedantic: flag,
  noEcho: flag,
  gracefulShutdown: flag,
  gracePeriod: ms,
};

/**
 * Refuses connection options that supply credentials without the provider, that the Node.js transport cannot dial, or that
 * have an invalid value. Options that are not known here are passed on to nats.js.
 * @returns the options without those that are undefined, which would override a default of ours, and with their servers
 * named as nats.js names them.
 * @throws {@link OptionsInvalidError} never quoting a credential.
 */
export function connectionSettings<T extends object>(options: T): T {
  if (typeof options !== 'object' || (options as object | null) === null || Array.isArray(options))
    throw new OptionsInvalidError('connection', `expected an object, got ${describeValue(options)}.`);
  noneUndefined('connection', options, ['servers', 'port'], `for a server of this machine`);
  const { port, ...given } = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Record<string, unknown>;
  for (const option of CREDENTIAL_OPTIONS) {
    if (given[option] === undefined) continue;
    throw new OptionsInvalidError(
      `connection.${option}`,
      'credentials come from the UserInfoProvider: remove this option.',
    );
  }
  for (const [option, check] of Object.entries(CHECKS)) {
    const value = given[option];
    if (value !== undefined) check(`connection.${option}`, value as never);
  }
  if (port !== undefined) given['servers'] = [`127.0.0.1:${checkedPort(port, given['servers'])}`];
  return withParsedServers(given) as T;
}

/** The shorthand of nats.js for a server on this machine. */
function checkedPort(port: unknown, servers: unknown): number {
  const option = 'connection.port';
  if (servers !== undefined)
    throw new OptionsInvalidError(option, `cannot stand beside 'connection.servers': put it there.`);
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535)
    throw unacceptable(option, 'a port from 1 to 65535', port);
  return port;
}

function checkQueue(option: string, queue: unknown): void {
  if (typeof queue !== 'string' || hasWhiteSpace(queue) || !/^\S*$/.test(queue))
    throw unacceptable(option, 'a name without white space and control characters', queue);
}

/** Each request sends a reply subject below this prefix along with its own subject, and the server limits the length of a protocol line. */
const LONGEST_INBOX_PREFIX = 255;

/** @see https://docs.nats.io/nats-concepts/subjects */
function checkInboxPrefix(option: string, prefix: unknown): void {
  if (
    typeof prefix !== 'string' ||
    prefix.length > LONGEST_INBOX_PREFIX ||
    hasWhiteSpace(prefix) ||
    !/^[^\s.*>]+(\.[^\s.*>]+)*$/.test(prefix)
  )
    throw unacceptable(
      option,
      `a subject without wildcards such as '_INBOX_orders', of at most ${LONGEST_INBOX_PREFIX} characters`,
      prefix,
    );
}

const TLS_MATERIAL = ['caFile', 'certFile', 'keyFile', 'ca', 'cert', 'key'] as const;

/** `null` is how nats.js spells "no TLS". */
function checkTls(option: string, tls: unknown): void {
  if (typeof tls !== 'object' || Array.isArray(tls))
    throw unacceptable(
      option,
      `an object such as { caFile: 'ca.pem' }, or {} for the system's authorities`,
      tls,
    );
  noneUndefined(option, tls ?? {}, TLS_MATERIAL, 'to use none');
  const empty = TLS_MATERIAL.find((key) => (tls as Record<string, unknown> | null)?.[key] === '');
  if (empty) throw unacceptable(`${option}.${empty}`, 'a path or PEM', '');
  // For any other value than a boolean nats.js starts TLS neither before INFO nor after it: it would connect in plain text.
  const { handshakeFirst } = (tls ?? {}) as { handshakeFirst?: unknown };
  if (handshakeFirst !== undefined) flag(`${option}.handshakeFirst`, handshakeFirst as never);
}

function checkHeaders(option: string, headers: unknown): void {
  const accepted = 'an object of header names and their values';
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers))
    throw unacceptable(option, accepted, headers);
  const wrong = Object.entries(headers).find(([, value]) => typeof value !== 'string');
  if (wrong) throw unacceptable(`${option}.${wrong[0]}`, 'a string', wrong[1]);
  const unsendable = Object.entries(headers).find(
    ([name, value]) => !/^[!-9;-~]+$/.test(name) || /[\r\n]/.test(value as string),
  );
  if (unsendable)
    throw new OptionsInvalidError(
      option,
      `expected names of printable ASCII without ':' or spaces, and values without line breaks; one of ${JSON.stringify(unsendable[0])} is none.`,
    );
}

function checkMaxReconnectAttempts(option: string, attempts: unknown): void {
  if (attempts !== Infinity && (!Number.isInteger(attempts) || (attempts as number) < -1))
    throw unacceptable(option, 'a whole number of 0 or more, or -1 for no limit', attempts);
}

function typed(type: 'boolean' | 'string' | 'function', accepted: string): Check {
  return (option, value) => {
    if (typeof value !== type) throw unacceptable(option, accepted, value);
  };
}

function method(name: 'serialize' | 'deserialize'): Check {
  return (option, value: Record<string, unknown> | null) => {
    if (typeof value?.[name] !== 'function')
      throw unacceptable(option, `an object with a ${name}() method`, value);
  };
}

/** The value is not quoted: a string in the wrong place may be a secret. */
function unacceptable(option: string, accepted: string, value: unknown): OptionsInvalidError {
  return new OptionsInvalidError(
    option,
    `expected ${accepted}, got ${describeValue(value)}.${unsetHint(value)}`,
  );
}
