import {
  count,
  describeValue,
  duration,
  knownKeys,
  noneUndefined,
  number,
  oneOf,
  OptionsInvalidError,
  unsetHint,
} from '../base/index.js';
import { accountName } from './accounts/account-name.js';
import { type AccountsAllowed, accountsAllowed } from './accounts/accounts-allowed.js';
import type { AccountSigner } from './keys/account-signer.js';
import { accountSigners } from './keys/account-signers.js';
import { type CurveKeys, curveKeys } from './keys/curve-keys.js';
import { isPublicNkey } from './keys/verify-signature.js';
import type { CalloutOptions } from './options.js';
import type { CalloutServer } from './request/callout-request.js';

/** The options of a callout, checked, with its keys parsed. */
export interface CalloutSettings {
  readonly issuers: readonly AccountSigner[];
  /** Who signs the answer to a request of this subject: the issuer in config mode, the callout's account in operator mode. */
  readonly issuerFor: (subject: string) => AccountSigner | undefined;
  readonly accounts: AccountsAllowed;
  readonly curves?: CurveKeys;
  readonly maxSession: number;
  readonly timeout: number;
  readonly concurrency: number;
  readonly queueTimeout?: number;
  readonly refusals: 'answer' | 'silent';
  readonly queue: string;
  readonly clockTolerance: number;
  readonly maxRequestSize: number;
  readonly servers?: (server: CalloutServer) => boolean;
  readonly revoked: readonly string[];
}

const OPTIONS = [
  'issuer',
  'accounts',
  'account',
  'xkey',
  'maxSession',
  'timeout',
  'concurrency',
  'queueTimeout',
  'refusals',
  'queue',
  'clockTolerance',
  'maxRequestSize',
  'servers',
  'revoked',
] as const satisfies readonly (keyof CalloutOptions)[];

const DEFAULTS = {
  account: 'AUTH',
  maxSession: 3_600_000,
  timeout: 2_000,
  concurrency: 64,
  refusals: 'answer',
  queue: 'nats-auth-callout',
  clockTolerance: 5_000,
  maxRequestSize: 65_536,
} as const;

/** JWTs have whole seconds. */
const SHORTEST_SESSION_MS = 1_000;
/** A request without any credentials has about 800 bytes; a server sends no larger message than 64 MiB. */
const LEAST_REQUEST_SIZE = 1_024;
const MOST_REQUEST_SIZE = 67_108_864;
const QUEUE_NAME = /^[^\s\p{Cc}.*>]+(?:\.[^\s\p{Cc}.*>]+)*$/u;

/**
 * @throws {@link OptionsInvalidError} naming the option.
 * @throws {@link PackageMissingError} `xkey` is given and `libsodium-wrappers` is not installed.
 */
export async function calloutSettings(options: CalloutOptions): Promise<CalloutSettings> {
  knownKeys('callout', options, OPTIONS);
  // What is not set by mistake would let in more than is meant.
  noneUndefined('callout', options, ['xkey'], 'where servers have no xkey');
  noneUndefined('callout', options, ['servers'], 'to answer whoever is a server');
  noneUndefined('callout', options, ['revoked'], 'where nobody is to be refused');
  const given = withDefaults(options);
  const issuers = accountSigners('callout.issuer', options.issuer);
  const checked = {
    issuers,
    issuerFor: (subject: string) =>
      issuers.find(({ publicKey }) => publicKey === subject) ??
      issuers.find(({ account }) => account === subject),
    accounts: accountsAllowed(options.accounts, issuers, accountName('callout.account', given.account)),
    maxSession: duration('callout.maxSession', given.maxSession, SHORTEST_SESSION_MS),
    timeout: duration('callout.timeout', given.timeout, 1),
    concurrency: count('callout.concurrency', given.concurrency),
    refusals: oneOf('callout.refusals', given.refusals, ['answer', 'silent']),
    queue: queueName(given.queue),
    clockTolerance: duration('callout.clockTolerance', given.clockTolerance, 0),
    maxRequestSize: requestSize(given.maxRequestSize),
    revoked: texts('callout.revoked', options.revoked ?? [], 'names or public NKeys'),
    ...(options.queueTimeout !== undefined && {
      queueTimeout: duration('callout.queueTimeout', options.queueTimeout, 1),
    }),
    ...(options.servers !== undefined && { servers: serversAllowed(options.servers) }),
  };
  // Last, since it loads a package: what is wrong with an option is told first.
  if (options.xkey === undefined) return checked;
  return { ...checked, curves: await curveKeys('callout.xkey', options.xkey) };
}

function withDefaults(options: CalloutOptions) {
  const given: { -readonly [Name in keyof typeof DEFAULTS]: Required<CalloutOptions>[Name] } = {
    ...DEFAULTS,
  };
  for (const name of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
    const value = options[name];
    if (value !== undefined) Object.assign(given, { [name]: value });
  }
  return given;
}

function queueName(queue: string): string {
  if (typeof (queue as unknown) === 'string' && QUEUE_NAME.test(queue)) return queue;
  throw new OptionsInvalidError(
    'callout.queue',
    `expected the name of a queue group, got ${describeValue(queue, 'text')}.${unsetHint(queue)}`,
  );
}

function requestSize(size: number): number {
  const accepted = `a number of bytes from ${LEAST_REQUEST_SIZE} to ${MOST_REQUEST_SIZE}`;
  return number('callout.maxRequestSize', size, LEAST_REQUEST_SIZE, MOST_REQUEST_SIZE, accepted);
}

function serversAllowed(servers: Required<CalloutOptions>['servers']): (server: CalloutServer) => boolean {
  if (typeof servers === 'function') return servers;
  const names = texts('callout.servers', servers, 'ids or names of servers, or a function');
  if (names.length === 0)
    throw new OptionsInvalidError(
      'callout.servers',
      'is empty: no server could ask. Leave it out to answer whoever is a server.',
    );
  const ids = new Set(names.filter((one) => isPublicNkey(one, 'server')));
  // A server that somebody has made up may have the id of another for its name.
  return ({ id, name }) => ids.has(id) || (!ids.has(name) && names.includes(name));
}

function texts(option: string, value: unknown, what: string): readonly string[] {
  if (!Array.isArray(value))
    throw new OptionsInvalidError(
      option,
      `expected a list of ${what}, got ${describeValue(value)}.${unsetHint(value)}`,
    );
  return value.map((text: unknown, index) => {
    if (typeof text === 'string' && text.trim() !== '') return text;
    throw new OptionsInvalidError(
      `${option}[${index}]`,
      `expected a text, got ${describeValue(text)}.${unsetHint(text)}`,
    );
  });
}
