import { knownKeys, OptionsInvalidError } from '../../base/index.js';
import { givenPublicKey } from '../keys/given-key.js';
import { nonEmpty } from './checks.js';

/**
 * What the JWT of the callout's account is to say in operator mode. It has public keys only.
 * @public
 */
export interface CalloutAccountConfig {
  /** Public keys (`U…`) of the users as whom instances of the callout connect: they pass by it. */
  readonly users: readonly string[];
  /** Public keys (`A…`) of the accounts into which clients come: those of `callout.accounts`. */
  readonly accounts: readonly string[];
  /** Public key (`X…`) of a seed in `callout.xkey`: servers seal their requests to it. Default: requests go out in the open. */
  readonly xkey?: string;
}

/**
 * The claim `nats.authorization` of an account.
 * @public
 */
export interface CalloutAccountClaims {
  /** Users that pass by the callout. */
  readonly auth_users: string[];
  /** Accounts into which the callout may admit clients. */
  readonly allowed_accounts: string[];
  /** To which servers seal their requests. */
  readonly xkey?: string;
}

/**
 * Makes the claim `nats.authorization` of the callout's account for operator mode; `nsc edit authcallout` writes the same. `encodeAccount()` of `@nats-io/jwt` takes it
 * as `authorization`. Each client needs a sentinel besides: a bearer JWT of that account whose user may do nothing.
 * @throws {@link OptionsInvalidError} naming the option.
 */
export function calloutAccountClaims(config: CalloutAccountConfig): CalloutAccountClaims {
  knownKeys('config', config, ['users', 'accounts', 'xkey'] satisfies (keyof CalloutAccountConfig)[]);
  return {
    auth_users: nonEmpty('users', config.users).map((key, i) => givenPublicKey(`users[${i}]`, key, 'user')),
    allowed_accounts: nonEmpty('accounts', config.accounts).map((key, i) => allowed(`accounts[${i}]`, key)),
    ...(config.xkey === undefined ? {} : { xkey: givenPublicKey('xkey', config.xkey, 'curve') }),
  };
}

function allowed(option: string, key: string): string {
  if (key === '*')
    throw new OptionsInvalidError(
      option,
      `is '*', which lets the callout's key into every account; name the accounts.`,
    );
  return givenPublicKey(option, key, 'account');
}
