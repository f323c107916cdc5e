import { OptionsInvalidError } from '../../base/index.js';
import type { CalloutSigningKey } from '../options.js';
import { accountSigner, type AccountSigner } from './account-signer.js';

/**
 * What signs with the keys of an option that takes one or several.
 * @param account for which signing keys sign that do not say so themselves.
 * @throws {@link OptionsInvalidError} naming the option and the place in the list; also where that is empty, or has a key twice.
 */
export function accountSigners(
  option: string,
  keys: CalloutSigningKey | readonly CalloutSigningKey[],
  account?: string,
): readonly [AccountSigner, ...AccountSigner[]] {
  if (!isList(keys)) return [accountSigner(option, keys, account)];
  const [first, ...others] = keys.map((key, index) => accountSigner(`${option}[${index}]`, key, account));
  if (!first) throw new OptionsInvalidError(option, 'is an empty list: name the key that signs.');
  const signers = [first, ...others] as const;
  for (const [index, { publicKey }] of signers.entries()) {
    if (signers.findIndex((signer) => signer.publicKey === publicKey) < index)
      throw new OptionsInvalidError(`${option}[${index}]`, 'is there twice.');
  }
  return signers;
}

function isList(
  keys: CalloutSigningKey | readonly CalloutSigningKey[],
): keys is readonly CalloutSigningKey[] {
  return Array.isArray(keys);
}
