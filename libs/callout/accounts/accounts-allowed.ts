import { describeValue, OptionsInvalidError, quoted, unsetHint } from '../../base/index.js';
import type { AccountSigner } from '../keys/account-signer.js';
import type { CalloutOptions } from '../options.js';
import { accountName } from './account-name.js';
import { operatorAccount, type OperatorAccount } from './operator-account.js';

/** The accounts into which clients may be admitted. */
export interface AccountsAllowed {
  readonly byName: ReadonlyMap<string, AllowedAccount>;
  /** That of admissions which name none. */
  readonly only?: AllowedAccount;
}

/** In config mode servers place a user by the name of the account. */
export type AllowedAccount = { readonly mode: 'config'; readonly name: string } | OperatorAccount;

const OPTION = 'callout.accounts';
const OWN = "the account of the callout itself: its users could read the clients' credentials.";

/**
 * @param own the name of the callout's account in config mode; in operator mode the issuers tell it.
 * @throws {@link OptionsInvalidError}
 */
export function accountsAllowed(
  given: CalloutOptions['accounts'],
  issuers: readonly AccountSigner[],
  own: string,
): AccountsAllowed {
  checkList(given);
  const accounts: AllowedAccount[] = [];
  for (const [index, one] of given.entries()) {
    const option = `${OPTION}[${index}]`;
    const account: AllowedAccount =
      typeof one === 'string'
        ? { mode: 'config', name: targetName(option, one, own) }
        : operatorAccount(option, one);
    refuseTwins(option, account, accounts);
    refuseIssuers(option, account, issuers);
    accounts.push(account);
  }
  const only = accounts.length === 1 ? accounts[0] : undefined;
  return { byName: new Map(accounts.map((account) => [account.name, account])), only };
}

function targetName(option: string, name: string, own: string): string {
  if (accountName(option, name) !== own) return name;
  throw new OptionsInvalidError(
    option,
    `${quoted(name)} is ${OWN} If it is another one, name that of the callout in 'callout.account'.`,
  );
}

function checkList(given: unknown): void {
  if (!Array.isArray(given))
    throw new OptionsInvalidError(
      OPTION,
      `expected a list of accounts, got ${describeValue(given)}.${unsetHint(given)}`,
    );
  if (given.length === 0)
    throw new OptionsInvalidError(
      OPTION,
      'is empty: nobody could come in. Name the accounts of the clients.',
    );
}

function refuseTwins(option: string, account: AllowedAccount, others: readonly AllowedAccount[]): void {
  for (const other of others) {
    if (other.name === account.name)
      throw new OptionsInvalidError(option, `${quoted(account.name)} is there twice.`);
    if (other.mode !== account.mode)
      throw new OptionsInvalidError(
        OPTION,
        'has names, which are for servers in config mode, beside accounts with keys, which are for operator mode. Give one or the other.',
      );
    if (publicKeyOf(other) !== undefined && publicKeyOf(other) === publicKeyOf(account))
      throw new OptionsInvalidError(`${option}.publicKey`, `is that of ${quoted(other.name)}, too.`);
  }
}

function refuseIssuers(option: string, account: AllowedAccount, issuers: readonly AccountSigner[]): void {
  if (issuers.some((issuer) => issuer.account === publicKeyOf(account)))
    throw new OptionsInvalidError(option, `is ${OWN}`);
  if (account.mode === 'config' && issuers.some(({ delegated }) => delegated))
    throw new OptionsInvalidError(
      'callout.issuer',
      'has an `account` for which it signs, which servers in config mode do not know. Leave `account` out, or give keys of each of `callout.accounts`.',
    );
}

function publicKeyOf(account: AllowedAccount): string | undefined {
  return account.mode === 'operator' ? account.publicKey : undefined;
}
