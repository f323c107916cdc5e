import { describeValue, knownKeys, OptionsInvalidError } from '../../base/index.js';
import { accountSigner, type AccountSigner } from '../keys/account-signer.js';
import { accountSigners } from '../keys/account-signers.js';
import { givenPublicKey } from '../keys/given-key.js';
import type { CalloutAccount } from '../options.js';
import { accountName } from './account-name.js';

/** An account in operator mode, where servers place a user by whose key has signed it. */
export interface OperatorAccount {
  readonly mode: 'operator';
  readonly name: string;
  readonly publicKey: string;
  readonly signer: AccountSigner;
  /** Scoped signing keys. */
  readonly scopes: ReadonlyMap<string, AccountSigner>;
}

/** @throws {@link OptionsInvalidError} */
export function operatorAccount(option: string, account: CalloutAccount): OperatorAccount {
  knownKeys(option, account, ['name', 'publicKey', 'keys', 'scopes']);
  const name = accountName(`${option}.name`, account.name);
  const publicKey = givenPublicKey(`${option}.publicKey`, account.publicKey, 'account');
  const signers = accountSigners(`${option}.keys`, account.keys, publicKey);
  const scopes = scopesOf(`${option}.scopes`, account.scopes ?? {}, publicKey, signers);
  return { mode: 'operator', name, publicKey, signer: signers[0], scopes };
}

function scopesOf(
  option: string,
  scopes: unknown,
  account: string,
  signers: readonly AccountSigner[],
): ReadonlyMap<string, AccountSigner> {
  if (typeof scopes !== 'object' || scopes === null || Array.isArray(scopes))
    throw new OptionsInvalidError(
      option,
      `expected an object with a key for each scope, got ${describeValue(scopes)}.`,
    );
  const found = new Map<string, AccountSigner>();
  for (const [scope, key] of Object.entries(scopes as Required<CalloutAccount>['scopes'])) {
    const signer = accountSigner(`${option}.${scope}`, key, account);
    if (!signer.delegated)
      throw new OptionsInvalidError(
        `${option}.${scope}`,
        'is the key of the account itself, which has no scope.',
      );
    // Servers take no permissions from a user of a scoped key, and have no template for those of another.
    if ([...signers, ...found.values()].some(({ publicKey }) => publicKey === signer.publicKey))
      throw new OptionsInvalidError(`${option}.${scope}`, 'is the key of another scope, or one of `keys`.');
    found.set(scope, signer);
  }
  return found;
}
