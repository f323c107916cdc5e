import { duration, knownKeys, OptionsInvalidError } from '../../base/index.js';
import { givenPublicKey } from '../keys/given-key.js';
import { named, nonEmpty } from './checks.js';

/**
 * What a nats-server in configuration mode is to know of a callout. It has public keys only.
 * @public
 */
export interface CalloutServerConfig {
  /** Public key (`A…`) of `callout.issuer`: it signs the answers. */
  readonly issuer: string;
  /** As whom instances of the callout connect: the only users of its account, and the only ones that pass by the callout, besides `systemUsers`. */
  readonly users: readonly CalloutServerUser[];
  /** The accounts into which clients come: those of `callout.accounts`. */
  readonly accounts: readonly (string | CalloutServerAccount)[];
  /** The account of the callout. Nobody else belongs into it: its members could read requests. Default: `AUTH`. */
  readonly account?: string;
  /** Public key (`X…`) of a seed in `callout.xkey`: the server seals its requests to it. Default: requests go out in the open. */
  readonly xkey?: string;
  /** How long the server waits for CONNECT, and then for the callout, in ms. Default: 2,000. */
  readonly timeout?: number;
  /** The system account. Default: `SYS`. */
  readonly systemAccount?: string;
  /** Users of the system account that pass by the callout, such as those of `system` of the callout's module. Default: none, so that the callout is asked about each. */
  readonly systemUsers?: readonly CalloutServerUser[];
}

/**
 * A user of a nats-server: a public NKey (`U…`), or a name with a password or its bcrypt hash.
 * @public
 */
export type CalloutServerUser =
  { readonly nkey: string } | { readonly user: string; readonly password: string };

/**
 * An account with settings of its own.
 * @public
 */
export interface CalloutServerAccount {
  /** Its name. */
  readonly name: string;
  /** What stands between its braces, such as `jetstream: enabled`. It is not checked. */
  readonly config: string;
}

/** What nats-server takes itself. */
const DEFAULT_TIMEOUT_MS = 2_000;

/**
 * Writes the part of a nats-server's configuration that has clients pass through a callout: accounts, users and `auth_callout`. The rest of the configuration stands
 * beside it. It must have no `no_auth_user`: with one, servers before 2.12.14 and 2.14.4 let clients pass by the callout.
 * @throws {@link OptionsInvalidError} naming the option.
 */
export function calloutServerConfig(config: CalloutServerConfig): string {
  knownKeys('config', config, OPTIONS);
  const { account = 'AUTH', systemAccount = 'SYS', timeout = DEFAULT_TIMEOUT_MS, systemUsers = [] } = config;
  const users = nonEmpty('users', config.users).map((user, i) => writtenUser(`users[${i}]`, user));
  const system = systemUsers.map((user, i) => writtenUser(`systemUsers[${i}]`, user));
  const accounts = nonEmpty('accounts', config.accounts).map((entry, i) => target(`accounts[${i}]`, entry));
  apart(
    named('account', account),
    named('systemAccount', systemAccount),
    accounts.map(({ name }) => name),
  );
  const callout = [
    `issuer: ${givenPublicKey('issuer', config.issuer, 'account')}`,
    `account: ${text(account)}`,
    `auth_users: [ ${[...users, ...system].map(({ name }) => name).join(', ')} ]`,
    ...(config.xkey === undefined ? [] : [`xkey: ${givenPublicKey('xkey', config.xkey, 'curve')}`]),
  ];
  return [
    'accounts {',
    `  ${text(account)} { users: [ ${users.map(({ entry }) => entry).join(', ')} ] }`,
    ...accounts.map(({ name, config: inner }) => `  ${text(name)} {${inner && ` ${inner} `}}`),
    `  ${text(systemAccount)} { users: [ ${system.map(({ entry }) => entry).join(', ')} ] }`,
    '}',
    `system_account: ${text(systemAccount)}`,
    'authorization {',
    `  timeout: ${duration('timeout', timeout, 1) / 1_000}`,
    '  auth_callout {',
    ...callout.map((line) => `    ${line}`),
    '  }',
    '}',
    '',
  ].join('\n');
}

const OPTIONS = [
  'issuer',
  'users',
  'accounts',
  'account',
  'xkey',
  'timeout',
  'systemAccount',
  'systemUsers',
] satisfies (keyof CalloutServerConfig)[];

/** Clients in the callout's account could read the requests about others, and those in the system account could do anything. */
function apart(account: string, systemAccount: string, accounts: readonly string[]): void {
  if (account === systemAccount)
    throw new OptionsInvalidError(
      'account',
      'is the system account; give the callout an account of its own.',
    );
  for (const [i, name] of accounts.entries()) {
    const problem = {
      [account]: 'is the account of the callout; clients need another one.',
      [systemAccount]: 'is the system account; clients need another one.',
    }[name];
    if (problem) throw new OptionsInvalidError(`accounts[${i}]`, problem);
    if (accounts.indexOf(name) < i) throw new OptionsInvalidError(`accounts[${i}]`, 'stands there twice.');
  }
}

function target(option: string, account: string | CalloutServerAccount): CalloutServerAccount {
  if (typeof account === 'string') return { name: named(option, account), config: '' };
  knownKeys(option, account, ['name', 'config']);
  return { name: named(`${option}.name`, account.name), config: account.config };
}

function writtenUser(
  option: string,
  user: CalloutServerUser,
): { readonly name: string; readonly entry: string } {
  knownKeys(option, user, ['nkey', 'user', 'password']);
  if ('nkey' in user) {
    knownKeys(option, user, ['nkey']);
    const name = givenPublicKey(`${option}.nkey`, user.nkey, 'user');
    return { name, entry: `{ nkey: ${name} }` };
  }
  const name = text(named(`${option}.user`, user.user));
  return {
    name,
    entry: `{ user: ${name}, password: ${text(named(`${option}.password`, user.password, 'type'))} }`,
  };
}

/** JSON's escapes are those of nats-server, as long as there are no control characters. */
function text(value: string): string {
  return JSON.stringify(value);
}
