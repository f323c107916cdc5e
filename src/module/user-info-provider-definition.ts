import { describeValue, OptionsInvalidError } from '../../libs/base/index.js';
import type { UserInfoProvider } from '../../libs/credentials/index.js';
import { hasMethod, type ProviderDefinition } from './provider-definition.js';

/**
 * How a registration gets its `UserInfoProvider`: a class, any of Nest's provider forms, or an object that is one.
 * @public
 */
export type UserInfoProviderDefinition = ProviderDefinition<UserInfoProvider>;

/** @throws {@link OptionsInvalidError} when what dependency injection gave is no `UserInfoProvider`. */
export function assertUserInfoProvider(value: unknown, name: string): UserInfoProvider {
  if (hasMethod(value, 'getUserInfo')) return value as unknown as UserInfoProvider;
  throw new OptionsInvalidError(
    'userInfoProvider',
    `registration '${name}' needs a class or an object with a getUserInfo() method, got ${describeValue(value)}.`,
  );
}
