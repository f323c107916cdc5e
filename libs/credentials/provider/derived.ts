import { describeValue, OptionsInvalidError } from '../../base/index.js';
import type { UserInfoProvider } from './user-info-provider.js';

/**
 * A provider that is made of another: it tells of the same changes.
 * @throws {@link OptionsInvalidError} when the other one is none.
 */
export function derived(
  provider: UserInfoProvider,
  getUserInfo: UserInfoProvider['getUserInfo'],
): UserInfoProvider {
  checkProvider('provider', provider);
  return provider.watch ? { getUserInfo, watch: provider.watch.bind(provider) } : { getUserInfo };
}

/** @throws {@link OptionsInvalidError} */
export function checkProvider(option: string, provider: unknown): void {
  const { getUserInfo } = (provider ?? {}) as Partial<UserInfoProvider>;
  if (typeof getUserInfo !== 'function')
    throw new OptionsInvalidError(
      option,
      `expected an object with a getUserInfo() method, got ${describeValue(provider)}.`,
    );
}

/** @throws {@link OptionsInvalidError} */
export function checkFunction(option: string, value: unknown): void {
  if (typeof value !== 'function')
    throw new OptionsInvalidError(option, `expected a function, got ${describeValue(value)}.`);
}
