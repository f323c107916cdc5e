import {
  describeValue,
  OptionsInvalidError,
  parsePublicNkey,
  parseSeed,
  quoted,
  unsetHint,
} from '../../base/index.js';

/** Names of the system account: whoever gets in there can end everybody's connections. */
const SYSTEM_ACCOUNTS: readonly string[] = ['SYS', '$SYS'];
const ACCOUNT_NAME = /^[^\s\p{Cc}]+$/u;

/** @throws {@link OptionsInvalidError} it is none, or that of an account into which nobody may be admitted. */
export function accountName(option: string, name: unknown): string {
  if (typeof name !== 'string' || !ACCOUNT_NAME.test(name))
    throw new OptionsInvalidError(
      option,
      `expected the name of an account, got ${describeValue(name, 'text')}.${unsetHint(name)}`,
    );
  if (parseSeed(name) || parsePublicNkey(name))
    throw new OptionsInvalidError(
      option,
      'is a key where the name of an account belongs. An account in operator mode is given as { name, publicKey, keys }.',
    );
  if (SYSTEM_ACCOUNTS.includes(name))
    throw new OptionsInvalidError(
      option,
      `${quoted(name)} is the system account, whose users can end the connections of everybody. Admit nobody there: give them credentials of their own.`,
    );
  return name;
}
